import type { Clock } from './clock.ts';

const periodMs = 500;
/** What takes long is done less often: at most this part of the time. */
const pauseFactor = 10;

/** Looks at something again and again, once at a time. */
export function createPoller(deps: { poll: () => Promise<void>; clock: Clock; onError: (error: unknown) => void }): {
  start(): Promise<void>;
  stop(): Promise<void>;
} {
  const { poll, clock, onError } = deps;
  let cancel = () => {};
  let stopped = false;
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    const began = clock.monotonic();
    await poll().catch(onError);
    if (stopped) return;
    const tookMs = clock.monotonic() - began;
    cancel = clock.after(Math.max(periodMs, tookMs * pauseFactor), () => {
      running = run();
    });
  }

  return Object.freeze({
    async start() {
      running = run();
      await running;
    },
    async stop() {
      stopped = true;
      cancel();
      await running;
    },
  });
}
