/** Calls `act` at the user's next key or pointer press. Returns the function that removes the listener. */
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
