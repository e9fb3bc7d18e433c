import { fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import type { Socket } from 'socket.io';

/** One socket's calls. */
interface Caller {
  running: number;
  isDisconnected: boolean;
  abort: AbortController | undefined;
  activityAt: number;
}

export type CallSlots = ReturnType<typeof createCallSlots>;

const activityMs = 60_000;
const retryAfterMs = 1_000;

/** Limit of concurrent calls of each socket, and the signal that aborts them on disconnect. */
export function createCallSlots({ clock, maxConcurrent }: { clock: Clock; maxConcurrent: number }) {
  const callers = new WeakMap<Socket, Caller>();

  function callerOf(socket: Socket): Caller {
    const known = callers.get(socket);
    if (known) return known;
    const isDisconnected = !socket.connected;
    const caller: Caller = { running: 0, isDisconnected, abort: undefined, activityAt: Number.NEGATIVE_INFINITY };
    callers.set(socket, caller);
    return caller;
  }

  return Object.freeze({
    /** A place for one more call; returns the function that gives it back. Throws `rate_limited`. */
    acquire(socket: Socket) {
      const caller = callerOf(socket);
      if (caller.running >= maxConcurrent) throw fail('rate_limited', { retryAfterMs, reason: 'calls_limited' });
      caller.running += 1;
      return () => {
        caller.running -= 1;
      };
    },
    /** Aborted when the socket goes; made when it is asked for. */
    signalOf(socket: Socket): AbortSignal {
      const caller = callerOf(socket);
      if (caller.abort === undefined) {
        caller.abort = new AbortController();
        if (caller.isDisconnected) caller.abort.abort();
      }
      return caller.abort.signal;
    },
    /** True at most once a minute: the user was active. */
    isActivityDue(socket: Socket) {
      const caller = callerOf(socket);
      const now = clock.monotonic();
      if (now - caller.activityAt < activityMs) return false;
      caller.activityAt = now;
      return true;
    },
    disconnect(socket: Socket) {
      const caller = callers.get(socket);
      if (caller === undefined) return;
      caller.isDisconnected = true;
      caller.abort?.abort();
    },
  });
}
