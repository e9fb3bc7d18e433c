import type { Timers } from '../platform/timers.ts';
import { fullJitterMs, rereadDelayMs } from '../refresh/backoff.ts';
import type { SocketConnection } from './connection.ts';

/** When a refused credential is shown again. */
interface Retries {
  /** Infrastructure: with back-off, not before it was asked for. */
  wait(retryAfterMs?: number): void;
  /** Another tab was faster, or the request came late: soon, for twelve seconds; then as `wait`. */
  reread(retryAfterMs?: number): void;
  cancel(): void;
  /** It was accepted: the next trouble starts with the shortest wait. */
  reset(): void;
}

interface RetriesDeps {
  readonly timers: Timers;
  readonly random: () => number;
  readonly connection: Pick<SocketConnection, 'delayReconnect'>;
  readonly retry: () => void;
}

const maxRereadMs = 12_000;

export function createRetries({ timers, random, connection, retry }: RetriesDeps): Retries {
  let rereadSince: number | undefined;
  let waits = 0;
  let rereads = 0;
  let cancelTimer = (): void => {};
  const retryIn = (ms: number): void => {
    cancelTimer();
    cancelTimer = timers.after(ms, retry);
  };
  const wait = (retryAfterMs = 0): void => {
    const ms = Math.max(retryAfterMs, fullJitterMs(waits, random));
    waits += 1;
    // The server may close the connection meanwhile: coming back at once would be no wait.
    connection.delayReconnect(ms);
    retryIn(ms);
  };
  return Object.freeze({
    wait,
    reread(retryAfterMs?: number) {
      rereadSince ??= timers.now();
      if (timers.now() - rereadSince > maxRereadMs) wait(retryAfterMs);
      else retryIn(rereads === 0 && retryAfterMs !== undefined ? retryAfterMs : rereadDelayMs(random));
      rereads += 1;
    },
    cancel: () => cancelTimer(),
    reset() {
      rereadSince = undefined;
      waits = 0;
      rereads = 0;
    },
  });
}
