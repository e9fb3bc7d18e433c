import type { EndReason } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { type BatchObserver, createBatcher } from '../../base/batcher.ts';
import { type Deadline, lateFailure } from '../../db/deadline.ts';

/** One session that is to end, if it is this user's. */
export interface EndRequest {
  readonly sid: string;
  readonly userId: string;
  readonly reason: EndReason;
  readonly deadline: Deadline;
}

interface Outcome {
  readonly ended: readonly string[];
  readonly late: readonly string[];
}

const maxBatchSize = 256;

/**
 * Makes the function that ends a session in the next batch. It resolves after the commit: to the session's id, or to
 * nothing when the session had ended before or belongs to another user. It rejects with `overloaded` when too many wait,
 * and with `unavailable` when the deadline passed, so that the session may still be live.
 *
 * Each end takes the head of the blacklist and keeps it until its commit is on disk, so that alone they would wait for one
 * another's disk. A batch has one request of a session: two could name two users, and the answer names sessions only.
 *
 * @param run ends those that may be ended, in one statement, and returns which, and which came too late. It is given no id
 *   twice
 */
export function createEndBatcher(
  clock: Clock,
  run: (requests: readonly EndRequest[]) => Promise<Outcome>,
  onBatch?: BatchObserver,
): (request: EndRequest) => Promise<string[]> {
  const add = createBatcher<EndRequest, 'ended' | 'late' | 'not_found'>({
    ...{ clock, size: maxBatchSize, concurrency: 1, onBatch },
    keyOf: ({ sid }) => sid,
    async run(requests) {
      const { ended, late } = await run(requests);
      const outcomes = new Map<string, 'ended' | 'late'>([
        ...ended.map((sid) => [sid, 'ended'] as const),
        ...late.map((sid) => [sid, 'late'] as const),
      ]);
      return requests.map(({ sid }) => outcomes.get(sid) ?? 'not_found');
    },
  });

  return async (request) => {
    // As the database writes it.
    const sid = request.sid.toLowerCase();
    const outcome = await add({ ...request, sid });
    if (outcome === 'late') throw lateFailure();
    return outcome === 'ended' ? [sid] : [];
  };
}
