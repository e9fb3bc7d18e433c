/** Runs `act` each `ms` milliseconds while the page is visible. Returns what stops it. */
export type Repeat = (ms: number, act: () => void) => () => void;

export const repeatWhileVisible: Repeat = (ms, act) => {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') act();
  }, ms);
  return () => clearInterval(timer);
};

/** Runs `act` at once, then at most each `ms` milliseconds however often it is called, and not while the page is hidden. */
export interface Paced {
  run(): void;
  stop(): void;
}

export function createPaced(ms: number, act: () => void): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  let isHeld = false;
  const go = (): void => {
    if (!isWanted || isHeld || document.visibilityState !== 'visible') return;
    isWanted = false;
    isHeld = true;
    act();
    timer = setTimeout(() => {
      isHeld = false;
      go();
    }, ms);
  };
  document.addEventListener('visibilitychange', go);
  return Object.freeze({
    run() {
      isWanted = true;
      go();
    },
    stop() {
      isWanted = false;
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', go);
    },
  });
}
