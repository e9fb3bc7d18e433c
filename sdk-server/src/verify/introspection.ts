import { type EndReason, type ErrorCode, Failure, fail } from '@latchkey/contract';
import type { Causes } from '@latchkey/core';
import { type Clock, withTimeout } from '@latchkey/core/internal';
import { LRUCache } from 'lru-cache';

export type IntrospectionClient = ReturnType<typeof createIntrospectionClient>;

interface IntrospectionClientDeps {
  readonly isActive: (token: string) => Promise<boolean>;
  readonly endedReason: (sid: string) => Promise<EndReason | undefined>;
  readonly clock: Clock;
  readonly causes: Pick<Causes, 'report'>;
  /** Answers that are remembered, of either kind. */
  readonly cacheSize: number;
}

type Ask<T> = (subject: string) => Promise<T>;

/** How long an answer is cached. */
const cacheMs = 1_000;
/** A request waits no longer. A connection without an answer is closed only after some seconds. */
const timeoutMs = 1_000;

/** Asks the service what this process cannot know while its list of ended sessions is out of date. */
export function createIntrospectionClient({ clock, causes, cacheSize, ...asks }: IntrospectionClientDeps) {
  function stale(error: unknown): Failure {
    causes.report('introspection_unavailable', { reason: error instanceof Failure ? error.code : String(error) });
    return fail('revocations_stale' satisfies ErrorCode, { cause: error });
  }

  async function askWithTimeout<T>(ask: Ask<T>, subject: string): Promise<T> {
    try {
      return await withTimeout(clock, timeoutMs, ask(subject), () => {
        throw fail('unavailable', { detail: 'the service did not answer' });
      });
    } catch (error) {
      throw stale(error);
    }
  }

  function cached<T>(ask: Ask<T>): Ask<T> {
    const cache = new LRUCache<string, { readonly at: number; readonly answer: Promise<T> }>({ max: cacheSize });
    return (subject) => {
      const now = clock.monotonic();
      const known = cache.get(subject);
      if (known !== undefined && now - known.at < cacheMs) return known.answer;
      const answer = askWithTimeout(ask, subject);
      cache.set(subject, { at: now, answer });
      return answer;
    };
  }

  return Object.freeze({
    /**
     * Whether the access token is active (RFC 7662), asked at most once a second.
     *
     * @throws revocations_stale no answer in time
     */
    isActive: cached(asks.isActive),
    /**
     * Why the session ended, asked at most once a second; `undefined`: it is live.
     *
     * @throws revocations_stale no answer in time
     */
    endedReason: cached(asks.endedReason),
  });
}
