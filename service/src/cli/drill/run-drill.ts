import { paths } from '@latchkey/contract';
import { type Clock, maskSecrets } from '@latchkey/core/internal';
import type { Drill, DrillStep } from './drill.ts';
import { DrillError } from './drill-error.ts';
import { createInstance, type Instance } from './instance.ts';

/** What came of a drill. */
export interface DrillReport {
  readonly drill: string;
  /** Every property holds. */
  readonly ok: boolean;
  readonly steps: readonly DrillStep[];
}

interface DrillOptions {
  readonly clock: Clock;
  /** Origin of the instance. */
  readonly url: string;
  /** Tenant of the users that are made. Absent: `default`. */
  readonly tenant?: string | undefined;
  readonly sessions: number;
  readonly rounds: number;
  /** How long a revocation may take, in ms. Default: 5,000. */
  readonly revocationMs?: number;
  /** Ends the drill early. Its users are deleted all the same. */
  readonly signal?: AbortSignal;
  /** Called with each step as soon as it is there. */
  readonly onStep?: (step: DrillStep) => void;
}

/**
 * Runs a drill against an instance in development, and deletes the users that it made.
 *
 * @throws DrillError the instance is in production, or does not answer
 * @example
 * const { ok } = await runDrill(tokenTheft, { url: 'http://localhost:4000', clock, sessions: 50, rounds: 10 });
 */
export async function runDrill(drill: Drill, options: DrillOptions): Promise<DrillReport> {
  const { url, clock, tenant, sessions, rounds, revocationMs = 5_000, signal, onStep = () => {} } = options;
  const instance = createInstance(url, { clock, tenant });
  const issuer = await readDevelopmentIssuer(instance);
  const steps: DrillStep[] = [];
  const add = (step: DrillStep) => {
    steps.push(step);
    onStep(step);
  };
  try {
    const run = drill.run({
      ...{ instance, issuer, sessions, rounds, revocationMs },
      done: (message) => add({ outcome: 'done', message }),
      expect: (message, holds, found) =>
        add({ outcome: holds ? 'pass' : 'fail', message: found === undefined ? message : `${message} (${found})` }),
    });
    await Promise.race([run, whenAborted(signal)]);
  } catch (error) {
    add({ outcome: 'fail', message: maskSecrets((error as Error).message) });
  }
  add(await removeUsers(instance));
  const isPassed = steps.some(({ outcome }) => outcome === 'pass') && steps.every(({ outcome }) => outcome !== 'fail');
  return { drill: drill.name, ok: isPassed, steps };
}

/** @throws DrillError the drill is interrupted */
function whenAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = () => reject(new DrillError('the drill was interrupted'));
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
  });
}

/**
 * The issuer of an instance in development. In production a drill would cost rows, hashes and limits of others.
 *
 * @throws DrillError
 */
async function readDevelopmentIssuer(instance: Instance): Promise<string> {
  const { status, body } = await instance.request('GET', paths.metadata);
  if (status !== 200 || typeof body.issuer !== 'string')
    throw new DrillError(`${instance.url} does not answer as this service: correct --url`);
  if (body.latchkey_development !== true)
    throw new DrillError(
      `${instance.url} is in production: a drill needs an instance whose NODE_ENV is not production`,
    );
  return body.issuer;
}

async function removeUsers(instance: Instance): Promise<DrillStep> {
  const left = await instance.removeUsers();
  if (left.length === 0) return { outcome: 'done', message: 'the users of the drill are deleted' };
  return { outcome: 'done', message: `delete these users, which the drill could not delete: ${left.join(', ')}` };
}
