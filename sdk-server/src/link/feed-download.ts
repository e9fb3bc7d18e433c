import { type FeedBatch, type FeedEntry, fail } from '@latchkey/contract';

/** Puts a list together that comes in parts. */
export interface FeedDownload {
  /** Which part to ask for next. */
  next(): number;
  /** The list, once its last part is here; `undefined` before. @throws unavailable the part follows on nothing */
  take(part: FeedBatch): FeedBatch | undefined;
  /** The next part is the first. */
  restart(): void;
}

export function createFeedDownload(): FeedDownload {
  let entries: FeedEntry[] = [];
  let list = '';
  let next = 0;

  function restart(): void {
    entries = [];
    next = 0;
  }

  function assertFits({ kind, epoch }: FeedBatch, part: number): void {
    // The first part always fits: the service begins anew when it cannot go on.
    if (part === 0) restart();
    else if (part !== next || list !== `${kind} ${epoch}`) throw fail('unavailable', { detail: 'a part does not fit' });
    list = `${kind} ${epoch}`;
  }

  return Object.freeze<FeedDownload>({
    next: () => next,
    take(batch) {
      const { part = 0, parts = 1 } = batch;
      assertFits(batch, part);
      entries.push(...batch.entries);
      next = part + 1;
      if (next < parts) return undefined;
      const whole = { ...batch, entries };
      restart();
      return whole;
    },
    restart,
  });
}
