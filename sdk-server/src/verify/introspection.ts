import { type EndReason, type ErrorCode, Failure, fail } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import type { Clock } from '../clock.ts';
import type { Log } from '../socket/options.ts';

/** Asks the service what this process cannot know while its list of ended sessions is out of date. */
export interface Introspector {
  /** Whether the access token is active (RFC 7662), asked at most once a second. @throws feed_stale no answer in time */
  isActive(token: string): Promise<boolean>;
  /**
   * Why the session ended, asked at most once a second; `undefined`: it lives.
   *
   * @throws feed_stale no answer in time
   */
  endedReason(sid: string): Promise<EndReason | undefined>;
}

export interface IntrospectorDeps {
  readonly isActive: (token: string) => Promise<boolean>;
  readonly endedReason: (sid: string) => Promise<EndReason | undefined>;
  readonly clock: Clock;
  readonly log: Log;
  /** Answers that are remembered, of either kind. */
  readonly cacheSize: number;
}

type Ask<T> = (subject: string) => Promise<T>;

/** How long an answer holds. */
const holdMs = 1_000;
/** A request waits no longer; a line that says nothing is given up only after some seconds. */
const patienceMs = 1_000;

export function createIntrospector({ clock, log, cacheSize, ...asks }: IntrospectorDeps): Introspector {
  let told: string | undefined;

  function stale(error: unknown): Failure {
    const code = error instanceof Failure ? error.code : 'internal_error';
    // Once for each kind of trouble, not once for each request.
    if (told !== code) log.warn({ code }, 'feed_stale: the service could not be asked instead');
    told = code;
    return fail('feed_stale' satisfies ErrorCode, { cause: error });
  }

  async function askInTime<T>(ask: Ask<T>, subject: string): Promise<T> {
    try {
      const answer = await inTime(clock, ask(subject));
      told = undefined;
      return answer;
    } catch (error) {
      throw stale(error);
    }
  }

  function remembering<T>(ask: Ask<T>): Ask<T> {
    const asked = new LRUCache<string, { readonly at: number; readonly answer: Promise<T> }>({ max: cacheSize });
    return (subject) => {
      const now = clock.monotonic();
      const known = asked.get(subject);
      if (known !== undefined && now - known.at < holdMs) return known.answer;
      const answer = askInTime(ask, subject);
      asked.set(subject, { at: now, answer });
      return answer;
    };
  }

  return Object.freeze<Introspector>({
    isActive: remembering(asks.isActive),
    endedReason: remembering(asks.endedReason),
  });
}

async function inTime<T>(clock: Clock, answer: Promise<T>): Promise<T> {
  let cancel = () => {};
  const late = new Promise<never>((_resolve, reject) => {
    cancel = clock.after(patienceMs, () => reject(fail('unavailable', { detail: 'the service did not answer' })));
  });
  return Promise.race([answer, late]).finally(() => cancel());
}
