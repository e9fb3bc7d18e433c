import type { Clock } from '../clock.ts';
import type { ServiceConnection } from './connection.ts';

/** What this backend tells about its sockets, batched; both are statements of fact that the next one corrects. */
export interface PresenceNews {
  set(sid: string, sockets: number): void;
  active(sid: string): void;
  /** Sends what waits, now. */
  flush(): void;
  counts(): { sessions: number; waiting: number };
}

const flushMs = 250;
/** Keeps a message below the service's 64 KB. */
const batchSize = 500;

export function createPresenceNews({
  connection,
  clock,
}: {
  connection: ServiceConnection;
  clock: Clock;
}): PresenceNews {
  const sockets = new Map<string, number>();
  const changed = new Set<string>();
  const active = new Set<string>();
  let isArmed = false;

  function arm(): void {
    if (isArmed) return;
    isArmed = true;
    clock.after(flushMs, () => {
      isArmed = false;
      flush();
    });
  }

  function flush(): void {
    // Without a connection nothing is kept: after the next one everything is told again.
    for (const sids of batches([...changed])) {
      connection.tell('presence', { counts: sids.map((sid) => [sid, sockets.get(sid) ?? 0]) });
    }
    for (const sids of batches([...active])) connection.tell('activity', { sids });
    changed.clear();
    active.clear();
  }

  function tellAll(): void {
    changed.clear();
    const [first = [], ...more] = batches([...sockets]);
    connection.tell('presence', { counts: first, all: true });
    for (const counts of more) connection.tell('presence', { counts });
  }

  connection.onUp(tellAll);

  return Object.freeze<PresenceNews>({
    set(sid, count) {
      if (count > 0) sockets.set(sid, count);
      else sockets.delete(sid);
      changed.add(sid);
      arm();
    },
    active(sid) {
      active.add(sid);
      arm();
    },
    flush,
    counts: () => ({ sessions: sockets.size, waiting: changed.size + active.size }),
  });
}

function batches<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / batchSize) }, (_, index) =>
    items.slice(index * batchSize, (index + 1) * batchSize),
  );
}
