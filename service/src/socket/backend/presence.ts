import type { BackendCallPayload } from '@latchkey/contract/schemas';
import { type Clock, createPoller } from '@latchkey/core/internal';
import type { Presence } from '../../domain/presence/presence.ts';
import type { BackendFlows } from '../../flow/flows.ts';
import type { ServiceLogger } from '../../ops/logger.ts';
import type { BackendSocket } from './backend-socket.ts';

/** Makes the presence of a backend's server. */
export type PresenceFactory = (server: { serverId: string; backendId: string }) => Presence;

const renewMs = 10_000;
const clientDisconnect = 'client namespace disconnect';

/**
 * Renews the lease of the backend's server while it is connected. The presence of a backend that disconnects cleanly is
 * removed at once. A lost one may be connected to another node already, so its lease expires by itself.
 */
export function startLeaseRenewal(
  socket: BackendSocket,
  { clock, onError }: { clock: Clock; onError: (error: unknown) => void },
): void {
  const { presence } = socket.data;
  const poller = createPoller({ poll: presence.renew, periodMs: renewMs, clock, onError });
  poller.start();
  socket.once('disconnect', (reason) => {
    void poller.stop();
    const ended = reason === clientDisconnect ? presence.stop() : presence.stopReporting();
    ended.catch(onError);
  });
}

type SocketCounts = BackendCallPayload<'presence'>;

/**
 * Records the sockets that backends report, one report of a connection after another: each reads the database first, and
 * an older report must not overwrite a newer one.
 */
export function createPresenceWriter(deps: {
  flows: Pick<BackendFlows, 'countSockets'>;
  log: Pick<ServiceLogger, 'warn'>;
}): (socket: BackendSocket, report: SocketCounts) => Promise<null> {
  const { flows, log } = deps;
  const queues = new WeakMap<BackendSocket, Promise<unknown>>();
  const warned = new WeakSet<BackendSocket>();

  async function count(socket: BackendSocket, { counts, all = false }: SocketCounts): Promise<null> {
    const leftOut = await flows.countSockets(socket.data, new Map(counts), all);
    if (leftOut > 0 && !warned.has(socket)) {
      warned.add(socket);
      const fields = { backend: socket.data.backend.id, server: socket.data.presence.serverId, sessions: leftOut };
      log.warn(fields, 'a backend reported sockets of sessions that it did not relay; these are left out');
    }
    return null;
  }

  return (socket, report) => {
    const counted = (queues.get(socket) ?? Promise.resolve()).then(() => count(socket, report));
    queues.set(
      socket,
      counted.catch(() => {}),
    );
    return counted;
  };
}
