/** Runs `act` each `ms` milliseconds. Returns what stops it. */
type Repeat = (ms: number, act: () => void) => () => void;

export const repeat: Repeat = (ms, act) => {
  const timer = setInterval(act, ms);
  return () => clearInterval(timer);
};

/** The local time in epoch milliseconds. */
export const epochMs = (): number => Date.now();

/** Only while the page is visible. */
export const repeatWhileVisible: Repeat = (ms, act) => {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') act();
  }, ms);
  return () => clearInterval(timer);
};

/**
 * Runs `act` at once. Calls until `ms` milliseconds after its end lead to one more run. While the page is hidden, the run
 * waits. A slow answer is waited for, because the next request would replace it.
 */
export interface Throttle {
  run(): void;
  stop(): void;
}

/** A request without an answer does not delay the next one. */
const maxRunMs = 10_000;

/** @param act never rejects */
export function createThrottle(ms: number, act: () => Promise<void>): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRequested = false;
  let isHeld = false;
  let turn = 0;
  const holdFor = (wait: number): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      isHeld = false;
      go();
    }, wait);
  };
  const go = (): void => {
    if (!isRequested || isHeld || document.visibilityState !== 'visible') return;
    [isRequested, isHeld] = [false, true];
    turn += 1;
    const mine = turn;
    holdFor(maxRunMs);
    void act().then(() => {
      if (mine === turn && isHeld) holdFor(ms);
    });
  };
  document.addEventListener('visibilitychange', go);
  return Object.freeze({
    run() {
      isRequested = true;
      go();
    },
    stop() {
      isRequested = false;
      turn += 1;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', go);
    },
  });
}

const maxIdleWaitMs = 2_000;

/** Runs `act` once, when the browser has nothing else to do, or after two seconds. */
export function whenIdle(act: () => void): void {
  // Safari has no requestIdleCallback.
  if ('requestIdleCallback' in window) window.requestIdleCallback(act, { timeout: maxIdleWaitMs });
  else setTimeout(act);
}
