const baseDelayMs = 500;
const maxDelayMs = 10_000;
const rereadMs = 300;

/** Back-off with full jitter: returns milliseconds between 0 and a limit that doubles with each attempt (0, 1, …) up to 10 s. */
export function fullJitterMs(attempt: number, random: () => number): number {
  return random() * Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempt, 20));
}

/** Returns the delay before the token store is read again after `rotation_contended` and similar codes: 300 to 600 ms. */
export function rereadDelayMs(random: () => number): number {
  return rereadMs * (1 + random());
}
