import { type EndReason, fail, isTransientError } from '@latchkey/contract';
import { type Deadline, lateFailure } from '../../db/deadline.ts';

/** One session that is to end, if it is this user's. */
export interface EndRequest {
  readonly sid: string;
  readonly userId: string;
  readonly reason: EndReason;
  readonly deadline: Deadline;
}

interface EndBatcher {
  /**
   * Resolves after the commit of the request's batch: to the session's id, or to nothing when it had ended before or
   * belongs to another user.
   * ¦
   * @throws overloaded too many are waiting · unavailable its deadline passed; the session may still be live
   */
  end(request: EndRequest): Promise<string[]>;
}

interface QueuedRequest extends EndRequest {
  resolve(ended: string[]): void;
  reject(error: unknown): void;
}

interface Outcome {
  readonly ended: readonly string[];
  readonly late: readonly string[];
}

const maxBatchSize = 256;
const maxWaiting = 20_000;

/**
 * Ends sessions in batches: a lone request leaves at once, those that come meanwhile leave together. Each end takes the
 * head of the blacklist and keeps it until its commit is on disk, so that alone they would wait for one another's disk.
 *
 * @param run ends those that may be ended, in one statement, and says which, and which came too late; it is given no id
 *   twice
 */
export function createEndBatcher(run: (requests: readonly EndRequest[]) => Promise<Outcome>): EndBatcher {
  let queue: QueuedRequest[] = [];
  let isRunning = false;

  /** One request of a session in a batch: two could name two users, and the answer names sessions only. */
  function takeBatch(): QueuedRequest[] {
    const batch = new Map<string, QueuedRequest>();
    const others: QueuedRequest[] = [];
    for (const request of queue) {
      if (batch.size < maxBatchSize && !batch.has(request.sid)) batch.set(request.sid, request);
      else others.push(request);
    }
    queue = others;
    return [...batch.values()];
  }

  function answer(batch: readonly QueuedRequest[], ended: ReadonlySet<string>, late: ReadonlySet<string>): void {
    for (const { sid, resolve, reject } of batch) {
      if (late.has(sid)) reject(lateFailure());
      else resolve(ended.has(sid) ? [sid] : []);
    }
  }

  async function settle(batch: readonly QueuedRequest[]): Promise<void> {
    try {
      const { ended, late } = await run(batch);
      answer(batch, new Set(ended), new Set(late));
    } catch (error) {
      // A request that no statement can carry must not take the others along.
      if (batch.length > 1 && !isTransientError(error)) for (const request of batch) await settle([request]);
      else for (const { reject } of batch) reject(error);
    }
  }

  async function work(): Promise<void> {
    isRunning = true;
    while (queue.length > 0) await settle(takeBatch());
    isRunning = false;
  }

  return Object.freeze<EndBatcher>({
    end: ({ sid, userId, reason, deadline }) =>
      new Promise((resolve, reject) => {
        if (queue.length >= maxWaiting) throw fail('overloaded', { retryAfterMs: 1_000 });
        // As the database writes them.
        queue.push({ sid: sid.toLowerCase(), userId, reason, deadline, resolve, reject });
        if (!isRunning) void work();
      }),
  });
}
