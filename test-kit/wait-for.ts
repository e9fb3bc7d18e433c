import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Checks every 10 ms whether `condition` is true, and resolves once it is.
 *
 * @throws Error with the source of the condition, and with `state()`, when it was not true for `timeoutMs`.
 *
 * @example
 * await waitFor(() => seen.length === 2);
 * await waitFor(() => node.log().includes('ready'), 20_000, node.log);
 */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 8_000,
  state?: () => unknown,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Not true within ${timeoutMs} ms: ${condition}\n${textOf(state?.())}`);
    await sleep(10);
  }
}

const textOf = (state: unknown) => (typeof state === 'string' ? state : (JSON.stringify(state) ?? ''));
