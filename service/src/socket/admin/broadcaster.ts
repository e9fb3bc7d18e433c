import { type AdminPresenceUpdate, adminEvents, type ErrorCode, type PresenceChange } from '@latchkey/contract';
import type { SocketSession } from '@latchkey/core';
import { singleFlight } from '@latchkey/core/internal';
import type { Socket } from 'socket.io';
import type { AdminFlows } from '../../flow/flows.ts';

/** Maximum number of changes in one message. Others are read from the lists. */
const maxChanges = 200;

/**
 * Sends changes to operators after their rows have confirmed that they still are operators. During that check further
 * changes wait, at most as many as one message holds.
 */
export function createAdminBroadcaster(deps: {
  flows: Pick<AdminFlows, 'readOperatorStatuses'>;
  sockets: () => readonly Socket[];
  drop: (socket: Socket, code: ErrorCode) => void;
  onError: (error: unknown) => void;
}) {
  const { flows, sockets, drop, onError } = deps;
  let pending: PresenceChange[] = [];
  let refetch = false;

  async function sendPending(): Promise<void> {
    const followers = sockets();
    const standings = await flows.readOperatorStatuses(followers.map(sidOf));
    const update: AdminPresenceUpdate = { changes: pending, refetch };
    pending = [];
    refetch = false;
    const left = new Set(sockets());
    for (const socket of followers.filter((follower) => left.has(follower))) {
      const standing = standings.get(sidOf(socket));
      if (standing === 'operator') socket.emit(adminEvents.update, update);
      else drop(socket, standing === 'no_operator' ? 'forbidden' : 'unauthenticated');
    }
  }

  /** Changes that cannot be sent wait for the next one. */
  const { fresh: send } = singleFlight(async () => {
    if ((pending.length > 0 || refetch) && sockets().length > 0) await sendPending().catch(onError);
  });

  return Object.freeze({
    /** Drops pending changes when no subscriber is left. */
    clear() {
      pending = [];
      refetch = false;
    },
    publish(changes: readonly PresenceChange[]) {
      const left = maxChanges - pending.length;
      pending.push(...changes.slice(0, left));
      refetch ||= changes.length > left;
      void send();
    },
    /** Reports a change that is not in the list of changes. */
    requestRefetch() {
      refetch = true;
      void send();
    },
  });
}

function sidOf({ data }: Socket): string {
  return (data as SocketSession).sid;
}
