/** Runs `act` each `ms` milliseconds while the page is visible. Returns what stops it. */
export type Repeat = (ms: number, act: () => void) => () => void;

export const repeatWhileVisible: Repeat = (ms, act) => {
  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') act();
  }, ms);
  return () => clearInterval(timer);
};
