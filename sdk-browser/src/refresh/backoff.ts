const baseDelayMs = 500;
const maxDelayMs = 10_000;
const rereadMs = 300;

/** Full jitter: anything between 0 and a ceiling that doubles with each attempt (0, 1, …) up to 10 s. */
export function fullJitterMs(attempt: number, random: () => number): number {
  return random() * Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(attempt, 20));
}

/** Before the jar is read again after `rotation_contended` and the like: 0.3 s and up to as much again. */
export function rereadDelayMs(random: () => number): number {
  return rereadMs * (1 + random());
}
