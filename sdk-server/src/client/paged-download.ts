import { fail, type RevocationBatch, type RevocationEntry } from '@latchkey/contract';

/** An answer to a subscription, or a part of one. */
interface RevocationPage {
  readonly feed: RevocationBatch;
}

/** Puts an answer together that comes in parts. */
export function createPagedDownload() {
  let entries: RevocationEntry[] = [];
  let list = '';
  let next = 0;

  /** The next part is the first. */
  function restart(): void {
    [entries, next] = [[], 0];
  }

  function assertFits({ kind, epoch }: RevocationBatch, part: number): void {
    // The first part is always valid: the service restarts with it when it cannot continue.
    if (part === 0) restart();
    else if (part !== next || list !== `${kind} ${epoch}`) throw fail('unavailable', { detail: 'a part does not fit' });
    list = `${kind} ${epoch}`;
  }

  return Object.freeze({
    /** Which part to ask for next. */
    next: () => next,
    /** All of it, with the rest of the last part, once that is here; `undefined` before. @throws unavailable the part follows on nothing */
    add<Part extends RevocationPage>(answer: Part): Part | undefined {
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
