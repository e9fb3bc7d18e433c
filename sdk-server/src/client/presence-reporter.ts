import { type Clock, createTimer, inChunks } from '@latchkey/core/internal';
import type { ServiceConnection } from './connection.ts';

export type PresenceReporter = ReturnType<typeof createPresenceReporter>;

const flushMs = 250;
/** Keeps a message below the service's 64 KB. */
const batchSize = 500;

/** Reports the sockets of this backend and activity, batched. Each report replaces the previous one. */
export function createPresenceReporter({ connection, clock }: { connection: ServiceConnection; clock: Clock }) {
  const sockets = new Map<string, number>();
  const changed = new Set<string>();
  const active = new Set<string>();
  const timer = createTimer(clock, () => void flush());
  let isSending = false;
  let needsFullReport = false;

  async function sendAll(): Promise<void> {
    needsFullReport = false;
    changed.clear();
    const [first = [], ...more] = inChunks([...sockets], batchSize);
    await connection.call('presence', { counts: first, all: true });
    for (const counts of more) await connection.call('presence', { counts });
  }

  async function sendChanged(): Promise<void> {
    for (const sids of inChunks([...changed], batchSize)) {
      for (const sid of sids) changed.delete(sid);
      await connection.call('presence', { counts: sids.map((sid) => [sid, sockets.get(sid) ?? 0]) });
    }
  }

  // One message at a time: the service works on several at once, and the older one must not win.
  async function sendPresence(): Promise<void> {
    if (isSending) return;
    isSending = true;
    try {
      await (needsFullReport ? sendAll() : sendChanged());
    } catch {
      // What did not arrive is not known one by one.
      needsFullReport = true;
    } finally {
      isSending = false;
      if (connection.isConnected() && (needsFullReport || changed.size > 0)) timer.set(flushMs);
    }
  }

  function flush(): Promise<void> {
    for (const sids of inChunks([...active], batchSize)) connection.emit('activity', { sids });
    active.clear();
    return sendPresence();
  }

  connection.onConnected(() => {
    needsFullReport = true;
    void sendPresence();
  });

  return Object.freeze({
    setSocketCount(sid: string, count: number) {
      if (count > 0) sockets.set(sid, count);
      else sockets.delete(sid);
      changed.add(sid);
      timer.set(flushMs);
    },
    markActive(sid: string) {
      active.add(sid);
      timer.set(flushMs);
    },
    /** Sends what waits, now. */
    flush: () => void flush(),
    counts: () => ({ sessions: sockets.size, waiting: changed.size + active.size }),
  });
}
