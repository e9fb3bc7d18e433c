import { fail, isTransientError } from '@latchkey/contract';
import { activeSpanContext, type Clock, withSpan } from '@latchkey/core/internal';
import { type BatchObserver, createBatcher } from '../../base/batcher.ts';
import { isTimeout } from '../../base/error.ts';
import type { RefusedRotation, RotationResult, TokenPresentation } from './token.ts';

interface RotationBatcherOptions {
  readonly clock: Clock;
  /** Lower bound of the database's time, in epoch ms; must not throw. */
  readonly earliest: () => number;
  readonly run: (batch: readonly TokenPresentation[]) => Promise<RotationResult[]>;
  /** Requests in one statement at most. */
  readonly size: number;
  /** Statements in flight at most. */
  readonly concurrency: number;
  readonly onBatch?: BatchObserver | undefined;
}

interface RotationRequest {
  readonly presentation: TokenPresentation;
  readonly isDisconnected: () => boolean;
  /** In which it was asked for. */
  readonly span: ReturnType<typeof activeSpanContext>;
}

/** What a presentation becomes whose deadline passed before its statement left. */
const lateResult: RefusedRotation = { verdict: 'late', userId: null, tenantId: null, bound: false, generation: null };

/** A statement costs ten times what a row in it costs, so small batches would use up the machine. */
const intervalMs = 20;
/** A batch takes one request of a session. Without the limit a single client could occupy the queue for minutes. */
const maxPerKey = 100;

/**
 * Makes the function that presents a token in the next batch. It resolves after the commit of the batch. One request per
 * session is in flight, the rest wait for their turn.
 *
 * The function rejects with `unavailable` when the database could not be asked, never with a verdict, and with `busy` or
 * `overloaded` when too many are waiting, of the session or at all.
 */
export function createRotationBatcher({
  earliest,
  run,
  ...options
}: RotationBatcherOptions): (
  presentation: TokenPresentation,
  isDisconnected: () => boolean,
) => Promise<RotationResult> {
  /** Keys make the statement repeatable, so a lost connection or a deadlock is worth a second try. */
  async function runWithRetry(batch: readonly TokenPresentation[]): Promise<RotationResult[]> {
    try {
      return await run(batch);
    } catch (error) {
      if (!isTransientError(error) || isTimeout(error)) throw error;
      return run(batch);
    }
  }

  const add = createBatcher<RotationRequest, RotationResult>({
    ...{ ...options, intervalMs, maxPerKey },
    keyOf: ({ presentation }) => presentation.sid,
    run: (requests) =>
      withSpan('latchkey.rotation_batch', () => runWithRetry(requests.map(({ presentation }) => presentation)), {
        attributes: { 'db.operation.batch.size': requests.length },
        links: requests.flatMap(({ span }) => (span === undefined ? [] : [{ context: span }])),
      }),
    // A socket that has closed gets no rotation: no client would store the token. A late presentation needs no statement.
    resultWithoutRun({ presentation, isDisconnected }) {
      if (isDisconnected()) throw fail('unavailable', { detail: 'client has disconnected' });
      return earliest() >= presentation.until ? lateResult : undefined;
    },
  });
  return (presentation, isDisconnected) => add({ presentation, isDisconnected, span: activeSpanContext() });
}
