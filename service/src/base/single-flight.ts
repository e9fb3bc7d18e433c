/**
 * Concurrent callers share one run of `work`; the next call after its end starts a new one, also after a failure.
 */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let flight: Promise<T> | undefined;
  return () => {
    flight ??= work().finally(() => {
      flight = undefined;
    });
    return flight;
  };
}
