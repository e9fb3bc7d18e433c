import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { Failure, fail } from '@latchkey/contract';
import type { Grant } from '@latchkey/core';
import { type Clock, createSystemClock } from '@latchkey/core/internal';
import { sql } from 'kysely';
import { withAddressPrefix } from '../../src/base/ip.ts';
import { createDomain, type Domain } from '../../src/bootstrap/create-domain.ts';
import { type Config, createConfig } from '../../src/config/config.ts';
import type { Database } from '../../src/db/types.ts';
import type { ClockEvent } from '../../src/domain/clock/clock.ts';
import type { FlowContext } from '../../src/flow/context.ts';
import { type AdminFlows, createAdminFlows, createFlows, type Flows } from '../../src/flow/flows.ts';
import type { Client } from '../../src/flow/types.ts';
import type { HookFunctions } from '../../src/hook/hook.ts';
import { createHooks } from '../../src/hook/hooks.ts';
import { createMailLinks, ownLinkTargets } from '../../src/mail/mail-links.ts';
import { createServiceCauses, type ServiceCauses } from '../../src/ops/causes.ts';
import type { ServiceLogger } from '../../src/ops/logger.ts';

const shared = randomBytes(32).toString('base64url');
export const verifier = randomBytes(32).toString('base64url');
export const challenge = createHash('sha256').update(verifier).digest('base64url');
export const password = 'a quite long password';

export const peer: Client = withAddressPrefix({
  connectionId: 'c1',
  origin: null,
  address: '192.0.2.7',
  userAgent: 'Firefox',
});

/** A fresh rotation key. */
export const newKey = () => randomBytes(16).toString('base64url');

export interface Fixture {
  readonly config: Config;
  readonly domain: Domain;
  readonly flows: Flows;
  readonly admin: AdminFlows;
  /** What was reported to be changed by configuration. */
  readonly causes: ServiceCauses;
  /** Log lines. */
  readonly warnings: object[];
  /** What happened behind a flow that stood. */
  readonly errors: unknown[];
  /** Clocks that were found to be wrong. */
  readonly clockNews: ClockEvent[];
  /** False: no mail can be sent. */
  hasMail: boolean;
  /** Milliseconds that this node's clock goes ahead of the database's. */
  aheadMs: number;
  /** Milliseconds for which this machine was suspended: its monotonic clock did not advance. */
  suspendedMs: number;
  /** What the flows were made of. */
  readonly context: FlowContext;
  /** A new person with a code that waits to be redeemed. */
  register(email?: string): Promise<{ email: string; code: string }>;
  login(email: string, change?: { password?: string; tenant?: string }): Promise<string>;
  redeem(code: string, key?: string, more?: Partial<Shown>): Promise<Grant>;
  /** Shows a session token with a key, or as a plain client without. */
  present(token: string, key?: string, further?: readonly string[]): Promise<Grant>;
  /** A person who has just signed in: generation 1. */
  enter(): Promise<{ email: string; grant: Grant; code: string; key: string }>;
  /** Writes acknowledgements and activity that wait. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

interface Shown {
  readonly alsoRotationKeys: readonly string[];
  readonly codeVerifier: string | undefined;
  readonly expectedSid: string;
  readonly isDisconnected: () => boolean;
  readonly peer: Client;
}

/** One node: every room and every flow over a test database, as the service wires them, with cheap hashes. */
export async function openFixture(
  database: Database,
  {
    hooks = {},
    env = {},
    secret = shared,
  }: { hooks?: HookFunctions; env?: Record<string, string>; secret?: string } = {},
): Promise<Fixture> {
  const errors: unknown[] = [];
  const clockNews: ClockEvent[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const system = createSystemClock();
  const clock: Clock = {
    ...system,
    now: () => system.now() + fixture.aheadMs,
    monotonic: () => system.monotonic() - fixture.suspendedMs,
  };
  const config = createConfig({ LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168', LATCHKEY_ARGON2_PASSES: '1', ...env });
  const domain = createDomain({
    ...{ config, readSecrets: () => [secret], database, clock, onError },
    onClock: (news) => void clockNews.push(news),
  });
  const warnings: object[] = [];
  const note = (fields: object, message: string) => void warnings.push({ ...fields, message });
  const log = { info: () => {}, warn: note, error: note } as unknown as ServiceLogger;
  const causes = createServiceCauses({ log, clock });
  const hooked = createHooks(hooks, { clock, onFailure: (cause) => causes.report(cause) });
  const mail = {
    assertAvailable() {
      if (!fixture.hasMail) throw fail('mail_unavailable');
    },
    isAvailable: () => fixture.hasMail,
  };
  const links = createMailLinks(ownLinkTargets(config));
  const context = { ...domain, db: database.db, clock, config, causes, log, mail, links, hooks: hooked, onError };
  const flows = createFlows(context);
  const admin = createAdminFlows(context);
  const fixture = {
    config,
    domain,
    context,
    flows,
    admin,
    causes,
    warnings,
    errors,
    clockNews,
    hasMail: true,
    aheadMs: 0,
    suspendedMs: 0,
    ...verbs(flows, domain),
  };
  domain.secrets.load();
  await domain.secrets.register(database.db);
  await domain.keys.start();
  await domain.feed.start();
  return fixture;
}

function verbs(flows: Flows, domain: Domain) {
  const register = async (email = `${randomUUID()}@example.org`) => {
    const { code } = (await flows.register({ email, password, codeChallenge: challenge }, peer)) as { code: string };
    return { email, code };
  };
  const redeem = (code: string, key?: string, more: Partial<Shown> = {}) =>
    flows.exchange({
      credential: code,
      codeVerifier: verifier,
      rotationKey: key,
      alsoRotationKeys: [],
      peer,
      isDisconnected: () => false,
      ...more,
    });
  return {
    register,
    redeem,
    async login(email: string, change: { password?: string; tenant?: string } = {}) {
      const answer = await flows.login({ email, password, codeChallenge: challenge, ...change }, peer);
      return (answer as { code: string }).code;
    },
    present: (token: string, key?: string, further: readonly string[] = []) =>
      flows.exchange({
        credential: token,
        rotationKey: key,
        alsoRotationKeys: further,
        peer,
        isDisconnected: () => false,
      }),
    async enter() {
      const { email, code } = await register();
      const key = newKey();
      return { email, code, key, grant: await redeem(code, key) };
    },
    flush: () => domain.sessions.flush(),
    async stop() {
      await domain.feed.stop();
      await domain.sessions.flush();
      await domain.keys.stop();
    },
  };
}

/** The code of the failure, or the verdict's generation: short enough to compare whole histories. */
export async function said(answer: Promise<Grant>): Promise<string | number> {
  return answer.then(
    (grant) => grant.generation,
    (error: unknown) => {
      if (error instanceof Failure) return error.code;
      throw error;
    },
  );
}

/** Time for the windows of rotation alone: the session's own limits stay, so its tokens keep their bytes. */
export async function age({ db }: Database, sid: string, seconds: number): Promise<void> {
  await sql`UPDATE sessions s SET touched_at = touched_at - i,
      h_at = (SELECT array_agg(x - i ORDER BY n) FROM unnest(s.h_at) WITH ORDINALITY u(x, n))
    FROM (SELECT make_interval(secs => ${seconds}) AS i) d WHERE sid = ${sid}::uuid`.execute(db);
}

/** The row as a backup would keep it; the function puts it back. */
export async function backUp({ db }: Database, sid: string): Promise<() => Promise<void>> {
  const { rows } = await sql<{
    kept: string;
  }>`SELECT to_jsonb(s)::text AS kept FROM sessions s WHERE sid = ${sid}::uuid`.execute(db);
  return async () => {
    await sql`DELETE FROM sessions WHERE sid = ${sid}::uuid`.execute(db);
    await sql`INSERT INTO sessions SELECT * FROM jsonb_populate_record(NULL::sessions, ${rows[0]!.kept}::text::jsonb)`.execute(
      db,
    );
  };
}
