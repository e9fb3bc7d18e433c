import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves once `holds` is true; after `timeoutMs` it rejects with what was waited for. */
export async function until(
  what: string | (() => string),
  holds: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`Waited in vain until ${typeof what === 'string' ? what : what()}.`);
    await sleep(20);
  }
}
