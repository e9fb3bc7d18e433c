/** Chance that can be repeated: the same seed throws the same numbers. */
export interface Dice {
  /** 0 ≤ number < 1. */
  next(): number;
  /** True in `share` of all throws. */
  chance(share: number): boolean;
  between(from: number, to: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** Dice of their own, which no other's throws disturb. */
  of(name: string): Dice;
}

/**
 * @example
 * const dice = createDice(42).of('tab 7');
 * if (dice.chance(0.2)) lose();
 */
export function createDice(seed: number | string): Dice {
  let state = hashed(String(seed));
  // Mulberry32 (Tommy Ettinger): 32 bits of state, good enough to choose faults.
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Object.freeze({
    next,
    chance: (share: number) => next() < share,
    between: (from: number, to: number) => from + next() * (to - from),
    pick: <Item>(items: readonly Item[]) => items[Math.floor(next() * items.length)] as Item,
    of: (name: string) => createDice(`${seed}/${name}`),
  });
}

/** FNV-1a. */
function hashed(text: string): number {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193);
  return hash;
}
