import type { Clock } from '../base/clock.ts';
import { createTimer } from '../base/timer.ts';
import { createMinHeap } from './min-heap.ts';

/** An item that can have a deadline. Only the scheduler writes the fields. New items start with {@link unscheduled}. */
export interface Schedulable {
  dueAt: number;
  bucket: number;
}

/** Initial fields of an item without a deadline. */
export const unscheduled: Readonly<Schedulable> = Object.freeze({ dueAt: Number.POSITIVE_INFINITY, bucket: -1 });

/** One deadline for each of many items. */
export type Deadlines<T extends Schedulable> = ReturnType<typeof createDeadlines<T>>;

interface DeadlinesDeps<T extends Schedulable> {
  readonly clock: Clock;
  readonly tickMs: number;
  /** Items that are due, each without a deadline now; `lateMs`: how long this process slept past the first of them. */
  readonly onDue: (items: T[], lateMs: number) => void;
}

/**
 * Keeps the deadlines of very many items with one timer. Items are in buckets of `tickMs`, and only due buckets are examined.
 * A deadline that moves later is updated in place, and its item changes the bucket when the old one is due.
 */
export function createDeadlines<T extends Schedulable>({ clock, tickMs, onDue }: DeadlinesDeps<T>) {
  // An empty bucket is kept until its tick. Without it, each new item at that tick would add the tick to the heap again.
  const buckets = new Map<number, Set<T>>();
  const ticks = createMinHeap();
  let items = 0;
  let visits = 0;
  let armedFor = Number.POSITIVE_INFINITY;
  const timer = createTimer(clock, fire);
  let isClosed = false;

  function bucketOf(tick: number): Set<T> {
    let bucket = buckets.get(tick);
    if (bucket === undefined) {
      bucket = new Set();
      buckets.set(tick, bucket);
      ticks.push(tick);
    }
    return bucket;
  }

  function put(item: T): void {
    item.bucket = Math.ceil(item.dueAt / tickMs);
    bucketOf(item.bucket).add(item);
  }

  function remove(item: T): void {
    if (item.bucket === unscheduled.bucket) return;
    buckets.get(item.bucket)?.delete(item);
    item.bucket = unscheduled.bucket;
    items -= 1;
  }

  function arm(): void {
    const tick = ticks.peek();
    if (isClosed || tick === undefined || tick >= armedFor) return;
    armedFor = tick;
    timer.reset(Math.max(0, tick * tickMs - clock.monotonic()));
  }

  function takeDue(tick: number, now: number, due: T[]): void {
    const bucket = buckets.get(tick)!;
    buckets.delete(tick);
    for (const item of bucket) {
      visits += 1;
      if (item.dueAt > now) {
        put(item);
        continue;
      }
      item.bucket = unscheduled.bucket;
      item.dueAt = unscheduled.dueAt;
      items -= 1;
      due.push(item);
    }
  }

  function fire(): void {
    const now = clock.monotonic();
    const due: T[] = [];
    const first = ticks.peek() ?? 0;
    armedFor = Number.POSITIVE_INFINITY;
    for (let tick = ticks.peek(); tick !== undefined && tick * tickMs <= now; tick = ticks.peek()) {
      ticks.pop();
      takeDue(tick, now, due);
    }
    arm();
    if (due.length > 0) onDue(due, now - first * tickMs);
  }

  return Object.freeze({
    /** Gives the item its one deadline, in monotonic milliseconds; an earlier or later one replaces it. */
    set(item: T, at: number) {
      if (isClosed) return;
      if (item.bucket !== unscheduled.bucket && item.bucket <= Math.ceil(at / tickMs)) {
        item.dueAt = at;
        return;
      }
      remove(item);
      item.dueAt = at;
      items += 1;
      put(item);
      arm();
    },
    /** Removes the deadline of the item. */
    clear(item: T) {
      remove(item);
      item.dueAt = unscheduled.dueAt;
    },
    /** Number of items with a deadline, and of items examined since the start. */
    counts: () => ({ items, visits }),
    close() {
      isClosed = true;
      timer.cancel();
      buckets.clear();
      ticks.clear();
      items = 0;
    },
  });
}
