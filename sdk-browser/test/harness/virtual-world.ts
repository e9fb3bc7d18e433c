import type { TokenStorage } from '../../src/platform/storage.ts';

/** A queue of moments; everything happens one after the other, at virtual times in milliseconds. */
export interface World {
  now(): number;
  at(ms: number, run: () => void): void;
  /** Until nothing is left to happen. */
  run(): void;
  /** Until a moment, with the promises that each step settles. */
  runUntil(end: number): Promise<void>;
}

export function createWorld(): World {
  const queue: { at: number; order: number; run: () => void }[] = [];
  let now = 0;
  let order = 0;
  const next = (): void => {
    const first = queue.shift()!;
    now = Math.max(now, first.at);
    first.run();
  };
  return {
    now: () => now,
    at(ms, run) {
      order += 1;
      const entry = { at: now + ms, order, run };
      const index = queue.findIndex(({ at }) => at > entry.at);
      queue.splice(index < 0 ? queue.length : index, 0, entry);
    },
    run() {
      while (queue.length > 0) next();
    },
    async runUntil(end) {
      while ((queue[0]?.at ?? Number.POSITIVE_INFINITY) <= end) {
        next();
        await new Promise((resolve) => setImmediate(resolve));
      }
      now = end;
    },
  };
}

/** A storage whose reads see other tabs' writes late, as browsers' processes do. */
export function createLaggingStorage(shared: TokenStorage, world: Pick<World, 'at'>, lagMs: number): TokenStorage {
  const own = new Map<string, string | null>();
  const write = (name: string, value: string | null): void => {
    own.set(name, value);
    world.at(lagMs, () => {
      if (value === null) shared.removeItem(name);
      else shared.setItem(name, value);
      if (own.get(name) === value) own.delete(name);
    });
  };
  const names = (): string[] => {
    const there = Array.from({ length: shared.length }, (_, index) => shared.key(index) ?? '');
    return [...new Set([...there, ...own.keys()])].filter((name) => own.get(name) !== null);
  };
  return {
    get length() {
      return names().length;
    },
    key: (index) => names()[index] ?? null,
    getItem: (name) => (own.has(name) ? (own.get(name) ?? null) : shared.getItem(name)),
    setItem: (name, value) => write(name, value),
    removeItem: (name) => write(name, null),
  };
}
