/** Calls `act` at the person's next key or pointer press. Returns what forgets it. */
type OnSignOfLife = (act: () => void) => () => void;

export const onSignOfLife: OnSignOfLife = (act) => {
  const once = new AbortController();
  const seen = (): void => {
    once.abort();
    act();
  };
  for (const name of ['pointerdown', 'keydown']) window.addEventListener(name, seen, { signal: once.signal });
  return () => once.abort();
};
