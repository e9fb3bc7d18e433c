import { type FeedBatch, type FeedEntry, fail } from '@latchkey/contract';

/** An answer to a subscription, or a part of one. */
interface FeedPart {
  readonly feed: FeedBatch;
}

/** Puts an answer together that comes in parts. */
interface FeedDownload {
  /** Which part to ask for next. */
  next(): number;
  /** All of it, with the rest of the last part, once that is here; `undefined` before. @throws unavailable the part follows on nothing */
  take<Part extends FeedPart>(part: Part): Part | undefined;
  /** The next part is the first. */
  restart(): void;
}

export function createFeedDownload(): FeedDownload {
  let entries: FeedEntry[] = [];
  let list = '';
  let next = 0;

  function restart(): void {
    [entries, next] = [[], 0];
  }

  function assertFits({ kind, epoch }: FeedBatch, part: number): void {
    // The first part always fits: the service begins anew when it cannot go on.
    if (part === 0) restart();
    else if (part !== next || list !== `${kind} ${epoch}`) throw fail('unavailable', { detail: 'a part does not fit' });
    list = `${kind} ${epoch}`;
  }

  return Object.freeze<FeedDownload>({
    next: () => next,
    take(answer) {
      const { part = 0, parts = 1 } = answer.feed;
      assertFits(answer.feed, part);
      for (const entry of answer.feed.entries) entries.push(entry);
      next = part + 1;
      if (next < parts) return undefined;
      const whole = { ...answer, feed: { ...answer.feed, entries } };
      restart();
      return whole;
    },
    restart,
  });
}
