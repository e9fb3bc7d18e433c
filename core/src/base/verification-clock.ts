/**
 * The one time by which a process judges access tokens, proofs and how long ended sessions are kept, in epoch milliseconds.
 * It never goes back, so an ended session is never forgotten while one of its tokens would pass, however wrong the estimate is.
 */
export type VerificationClock = ReturnType<typeof createVerificationClock>;

/**
 * @param estimate the time of the service's database as this process estimates it, in epoch milliseconds
 * @example
 * const time = createVerificationClock(databaseClock.now);
 * if (exp * 1_000 + 5_000 <= time.now()) throw fail('unauthenticated');
 */
export function createVerificationClock(estimate: () => number) {
  let latest = Number.NEGATIVE_INFINITY;
  return Object.freeze({
    /** The estimate, and never less than before. @throws the error of the estimate, such as `unavailable` */
    now() {
      latest = Math.max(latest, estimate());
      return latest;
    },
    /** How far the estimate has fallen behind what was judged, in milliseconds; 0: it has not. */
    behindMs: () => Math.max(0, latest - estimate()),
    /** Goes back to the estimate. Only once nothing that was signed before is accepted any more. */
    reset() {
      latest = Number.NEGATIVE_INFINITY;
    },
  });
}
