import { type AdminPresenceUpdate, adminEvents, type ErrorCode, type PresenceChange } from '@latchkey/contract';
import type { SocketSession } from '@latchkey/core';
import type { Socket } from 'socket.io';
import type { AdminFlows } from '../../flow/flows.ts';

interface AdminBroadcaster {
  publish(news: readonly PresenceChange[]): void;
  /** Says that something changed which no change tells. */
  requestRefetch(): void;
  /** Forgets what waits: nobody is left to hear it. */
  clear(): void;
}

/** Changes in one message at most: what is left out, the lists tell. */
const maxChanges = 200;

/**
 * Tells operators what changed, once their rows have said that they are operators still. While they are asked, further
 * news wait, no more than fit into one message.
 */
export function createAdminBroadcaster(deps: {
  flows: Pick<AdminFlows, 'readOperatorStatuses'>;
  sockets: () => readonly Socket[];
  drop: (socket: Socket, code: ErrorCode) => void;
  onError: (error: unknown) => void;
}): AdminBroadcaster {
  const { flows, sockets, drop, onError } = deps;
  let pending: PresenceChange[] = [];
  let refetch = false;
  let isSending = false;

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

  async function work(): Promise<void> {
    isSending = true;
    try {
      while ((pending.length > 0 || refetch) && sockets().length > 0) await sendPending();
    } finally {
      isSending = false;
    }
  }

  /** What cannot be told waits for the next change. */
  function begin(): void {
    if (!isSending) work().catch(onError);
  }

  return Object.freeze<AdminBroadcaster>({
    clear() {
      pending = [];
      refetch = false;
    },
    publish(news) {
      const room = maxChanges - pending.length;
      pending.push(...news.slice(0, room));
      refetch ||= news.length > room;
      begin();
    },
    requestRefetch() {
      refetch = true;
      begin();
    },
  });
}

function sidOf({ data }: Socket): string {
  return (data as SocketSession).sid;
}
