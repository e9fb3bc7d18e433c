/** Calls an asynchronous function for about `ms`, one call at a time. Returns calls a second. */
export async function rateInTurn(ms: number, call: (index: number) => Promise<unknown>): Promise<number> {
  const from = performance.now();
  let calls = 0;
  for (let passed = 0; passed < ms; passed = performance.now() - from) {
    for (const until = calls + 20; calls < until; calls++) await call(calls);
  }
  return calls / ((performance.now() - from) / 1_000);
}

/** Calls a function for each item, with at most `concurrency` calls in flight. Returns calls a second. */
export async function rateOfAll<T>(
  items: readonly T[],
  concurrency: number,
  call: (item: T) => Promise<unknown>,
): Promise<number> {
  const queue = items.values();
  const from = performance.now();
  const worker = async () => {
    for (const item of queue) await call(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return items.length / ((performance.now() - from) / 1_000);
}
