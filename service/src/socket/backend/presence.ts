import type { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { Presence } from '../../domain/presence/presence.ts';
import type { BackendFlows } from '../../flow/backend/backend-flows.ts';
import type { LinkSocket } from './link.ts';
import type * as schema from './schema.ts';

/** Makes the presence of a backend's server. */
export type PresenceOf = (server: { serverId: string; backendId: string }) => Presence;

const renewMs = 10_000;
const goodbye = 'client namespace disconnect';

/**
 * Renews the lease of the backend's server while its link is here. A backend that says goodbye is off the table at
 * once; one that is only lost may stand on another node already, so that its lease runs out by itself.
 */
export function keepLease(
  socket: LinkSocket,
  { clock, onError }: { clock: Clock; onError: (error: unknown) => void },
): void {
  const { presence } = socket.data;
  let cancel = clock.after(renewMs, renew);

  function renew(): void {
    presence
      .renew()
      .catch(onError)
      .finally(() => {
        if (socket.connected) cancel = clock.after(renewMs, renew);
      });
  }

  socket.once('disconnect', (reason) => {
    cancel();
    const ended = reason === goodbye ? presence.stop() : presence.leave();
    ended.catch(onError);
  });
}

type Told = z.output<typeof schema.presence>;

/**
 * Takes what backends tell of their sockets, each backend's words one after another: whose the sessions are is read from
 * the database, and an older word must not be written over a newer one.
 */
export function createCounting({ own }: Pick<BackendFlows, 'own'>): (socket: LinkSocket, told: Told) => Promise<null> {
  const lines = new WeakMap<LinkSocket, Promise<unknown>>();

  async function count({ data }: LinkSocket, { counts, all = false }: Told): Promise<null> {
    const sids = counts.map(([sid]) => sid);
    const owned = await own(data.backend, sids);
    const mine = new Map(counts.filter(([sid]) => owned.has(sid)));
    if (all) await data.presence.replace(mine);
    else for (const [sid, sockets] of mine) data.presence.set(sid, sockets);
    return null;
  }

  return (socket, told) => {
    const counted = (lines.get(socket) ?? Promise.resolve()).then(() => count(socket, told));
    lines.set(
      socket,
      counted.catch(() => {}),
    );
    return counted;
  };
}
