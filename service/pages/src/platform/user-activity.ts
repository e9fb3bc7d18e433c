/** Calls `act` at the person's next key or pointer press. Returns what forgets it. */
type OnNextActivity = (act: () => void) => () => void;

export const onNextActivity: OnNextActivity = (act) => {
  const once = new AbortController();
  const seen = (): void => {
    once.abort();
    act();
  };
  for (const name of ['pointerdown', 'keydown']) window.addEventListener(name, seen, { signal: once.signal });
  return () => once.abort();
};
