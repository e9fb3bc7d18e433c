/** Calls a second of something asynchronous, one after the other, for about `ms`. */
export async function rateInTurn(ms: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const from = performance.now();
  let calls = 0;
  for (let passed = 0; passed < ms; passed = performance.now() - from) {
    for (const until = calls + 20; calls < until; calls++) await call(calls);
  }
  return calls / ((performance.now() - from) / 1_000);
}

/** Calls a second when all of `items` are gone through by so many hands at once. */
export async function rateOfAll<T>(
  items: readonly T[],
  hands: number,
  call: (item: T) => Promise<unknown>,
): Promise<number> {
  const queue = items.values();
  const from = performance.now();
  const hand = async () => {
    for (const item of queue) await call(item);
  };
  await Promise.all(Array.from({ length: hands }, hand));
  return items.length / ((performance.now() - from) / 1_000);
}
