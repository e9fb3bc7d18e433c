import type { Clock } from '../../base/clock.ts';
import type { Presence } from '../../domain/presence/presence.ts';
import type { LinkSocket } from './link.ts';

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
