import type { Clock } from '@latchkey/core/internal';
import type { Config } from '../../config/config.ts';
import { type Inspection, openInspection } from '../../db/inspection.ts';
import { createSecrets, type Secrets } from '../../domain/secret/secrets.ts';
import { forgedAddress, type ProbeResult, probePublicUrl } from './request-probe.ts';
import { readSecretsOf } from './secret-file.ts';

/** What checks examine. Each part is opened once, by the first check that needs it. */
export interface Subject {
  readonly config: Config;
  readonly clock: Clock;
  /** Address that a test mail is sent to; `undefined`: none is sent. */
  readonly mailTo: string | undefined;
  /** The database, over one connection. @throws an error of pg or of the network */
  readonly connect: () => Promise<Inspection>;
  /** The secrets of this process; `undefined`: the embedded database has none yet. */
  readonly secrets: () => Secrets | undefined;
  /** How nodes behind the public URL see requests of this process. */
  readonly probe: () => Promise<readonly ProbeResult[]>;
  /** How they see requests with {@link forgedAddress} in `X-Forwarded-For`. */
  readonly probeForged: () => Promise<readonly ProbeResult[]>;
  /** Closes what was opened. */
  readonly close: () => Promise<void>;
}

/** Does no I/O. */
export function createSubject({ config, clock, mailTo }: Pick<Subject, 'config' | 'clock' | 'mailTo'>): Subject {
  const connect = once(() => openInspection(config.databaseUrl ?? ''));
  const secrets = once(() => loadSecrets(config, clock));
  const probe = (headers: Readonly<Record<string, string>>) =>
    probePublicUrl(config.publicUrl, secrets()?.keys('request-probe') ?? [], headers);
  return Object.freeze<Subject>({
    ...{ config, clock, mailTo, connect, secrets },
    probe: once(() => probe({})),
    probeForged: once(() => probe({ 'x-forwarded-for': forgedAddress })),
    close: async () => {
      if (connect.isCalled()) await (await connect().catch(() => undefined))?.close().catch(() => {});
    },
  });
}

function loadSecrets(config: Config, clock: Clock): Secrets | undefined {
  const texts = readSecretsOf(config);
  if (texts.length === 0) return undefined;
  const secrets = createSecrets(() => texts, { clock });
  secrets.load();
  return secrets;
}

/** Calls `make` at the first call, and returns its result from then on. */
function once<T>(make: () => T): (() => T) & { isCalled(): boolean } {
  let made: { readonly value: T } | undefined;
  function get(): T {
    made ??= { value: make() };
    return made.value;
  }
  return Object.assign(get, { isCalled: () => made !== undefined });
}
