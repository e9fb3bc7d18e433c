import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes that this process uses after a garbage collection. Needs `--expose-gc`. */
export interface Memory {
  readonly rss: number;
  readonly heap: number;
}

export async function measureMemory(): Promise<Memory> {
  for (let round = 0; round < 4; round++) {
    globalThis.gc!();
    await sleep(50);
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heap: heapUsed };
}
