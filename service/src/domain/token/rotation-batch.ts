import { fail, isInfrastructure, toFailure } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import { isTimeout } from '../../base/error.ts';
import type { Presentation, Refused, Rotation } from './token.ts';

interface RotationBatch {
  /**
   * Resolves after the commit of the batch that held the presentation.
   *
   * @throws unavailable the database could not be asked; never a verdict
   * @throws busy too many of this session are waiting
   * @throws overloaded too many are waiting
   */
  present(shown: Presentation, isGone: () => boolean): Promise<Rotation>;
}

interface Waiting {
  readonly shown: Presentation;
  readonly isGone: () => boolean;
  resolve(rotation: Rotation): void;
  reject(error: Error): void;
}

interface RotationBatchOptions {
  readonly clock: Clock;
  /** Lower bound of the database's time, in epoch ms; must not throw. */
  readonly earliest: () => number;
  readonly run: (batch: readonly Presentation[]) => Promise<Rotation[]>;
  /** Requests in one statement at most. */
  readonly size: number;
  /** Statements in flight at most. */
  readonly lanes: number;
}

/** What a presentation becomes whose deadline passed before its statement left. */
const late: Refused = { verdict: 'late', userId: null, tenantId: null, bound: false, generation: null };

const paceMs = 20;
const mostWaiting = 20_000;
/** A batch takes one request of a session, so a single client could keep everybody else's places for minutes. */
const mostOfSession = 100;

/**
 * Micro-batches: a lone request leaves at once; in a crowd a batch leaves 20 ms after the one before it, or as soon as
 * it is full and a lane is free. A statement costs ten times what a row in it costs, so small batches would eat the
 * machine. One request per session is in flight, the rest wait for their turn.
 */
export function createRotationBatch({ clock, earliest, run, size, lanes }: RotationBatchOptions): RotationBatch {
  const queue: Waiting[] = [];
  const turns = new Map<string, Waiting[]>();
  let inFlight = 0;
  let waiting = 0;
  let scheduled = false;
  let leftAt = Number.NEGATIVE_INFINITY;
  let lastSize = 0;

  function enter(request: Waiting): void {
    const turn = turns.get(request.shown.sid);
    if (turn !== undefined) {
      turn.push(request);
      return;
    }
    turns.set(request.shown.sid, []);
    queue.push(request);
    schedule();
  }

  function schedule(): void {
    if (inFlight >= lanes || queue.length === 0) return;
    if (queue.length >= size) {
      flush();
      return;
    }
    if (scheduled) return;
    scheduled = true;
    const wait = isCrowd() ? leftAt + paceMs - clock.monotonic() : 0;
    if (wait <= 0) setImmediate(flush);
    else clock.after(wait, flush);
  }

  function isCrowd(): boolean {
    return inFlight > 0 || lastSize > 1;
  }

  function flush(): void {
    scheduled = false;
    if (inFlight >= lanes) return;
    const batch = queue.splice(0, size).filter(isWanted);
    if (batch.length === 0) {
      schedule();
      return;
    }
    inFlight++;
    leftAt = clock.monotonic();
    lastSize = batch.length;
    void settle(batch).then((answers) => {
      // First: whoever asks again as soon as it is answered finds the lane free.
      inFlight--;
      for (const [index, answer] of answers.entries()) leave(batch[index]!, answer);
      schedule();
    });
    schedule();
  }

  /** A socket that has closed gets no rotation: no client would store the token. A late presentation needs no statement. */
  function isWanted(request: Waiting): boolean {
    if (request.isGone()) leave(request, () => request.reject(fail('unavailable', { detail: 'asker is gone' })));
    else if (earliest() >= request.shown.until) leave(request, () => request.resolve(late));
    else return true;
    return false;
  }

  /** What each request of the batch is to be told, in their order. */
  async function settle(batch: readonly Waiting[]): Promise<(() => void)[]> {
    try {
      const rotations = await runAgain(batch.map((request) => request.shown));
      return batch.map((request, index) => () => request.resolve(rotations[index]!));
    } catch (error) {
      if (batch.length === 1 || isInfrastructure(error)) return rejections(batch, error);
      return (await Promise.all(batch.map((request) => settle([request])))).flat();
    }
  }

  /** Keys make the statement repeatable, so a lost connection or a deadlock is worth a second try. */
  async function runAgain(batch: readonly Presentation[]): Promise<Rotation[]> {
    try {
      return await run(batch);
    } catch (error) {
      if (!isInfrastructure(error) || isTimeout(error)) throw error;
      return run(batch);
    }
  }

  function rejections(batch: readonly Waiting[], error: unknown): (() => void)[] {
    const failure = toFailure(error);
    return batch.map((request) => () => request.reject(failure));
  }

  function leave(request: Waiting, answer: () => void): void {
    waiting--;
    const turn = turns.get(request.shown.sid)!;
    const next = turn.shift();
    if (next === undefined) turns.delete(request.shown.sid);
    else queue.push(next);
    answer();
    if (next !== undefined) schedule();
  }

  return Object.freeze({
    present(shown: Presentation, isGone: () => boolean) {
      const turn = turns.get(shown.sid);
      if (turn !== undefined && turn.length >= mostOfSession)
        return Promise.reject(fail('busy', { retryAfterMs: 100 }));
      if (waiting >= mostWaiting) return Promise.reject(fail('overloaded', { retryAfterMs: 1_000 }));
      waiting++;
      return new Promise<Rotation>((resolve, reject) => enter({ shown, isGone, resolve, reject }));
    },
  });
}
