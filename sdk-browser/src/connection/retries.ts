import type { Timers } from '../platform/timers.ts';
import { fullJitterMs, rereadDelayMs } from '../refresh/backoff.ts';
import type { SocketConnection } from './connection.ts';

interface RetriesDeps {
  readonly timers: Timers;
  readonly random: () => number;
  readonly connection: Pick<SocketConnection, 'delayReconnect'>;
  readonly retry: () => void;
}

const maxRereadMs = 12_000;

/** Creates retries without a schedule. */
export function createRetries({ timers, random, connection, retry }: RetriesDeps) {
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
    // The server may close the connection in this time. The reconnect must wait, too.
    connection.delayReconnect(ms);
    retryIn(ms);
  };
  return Object.freeze({
    /** Retries after a transient error: with back-off, and not before `retryAfterMs`. */
    wait,
    /** Retries soon after a race with another tab or a late request. After twelve seconds it behaves as `wait`. */
    reread(retryAfterMs?: number) {
      rereadSince ??= timers.now();
      if (timers.now() - rereadSince > maxRereadMs) wait(retryAfterMs);
      else retryIn(rereads === 0 && retryAfterMs !== undefined ? retryAfterMs : rereadDelayMs(random));
      rereads += 1;
    },
    /** Cancels the scheduled retry. */
    cancel: () => cancelTimer(),
    /** Starts again with the shortest delay, because a credential was accepted. */
    reset() {
      rereadSince = undefined;
      waits = 0;
      rereads = 0;
    },
  });
}
