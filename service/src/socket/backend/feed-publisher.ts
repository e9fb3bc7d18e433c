import { backendPushes, type RevocationCursor } from '@latchkey/contract';
import { type Clock, createPoller } from '@latchkey/core/internal';
import type { RevocationFeed } from '../../domain/revocation/revocation-feed.ts';
import type { BackendSocket } from './backend-socket.ts';
import { toBatch } from './mappers.ts';

const heartbeatMs = 1_000;

export type FeedPublisher = ReturnType<typeof createFeedPublisher>;

/**
 * The blacklist as backends follow it, from this node's own cursor.
 *
 * A heartbeat says: up to this number nothing is missing. It goes out only after a read of the table that reached its
 * head, behind the pieces of that read, and not at all while the table cannot be read.
 */
export function createFeedPublisher(deps: {
  feed: Pick<RevocationFeed, 'since' | 'onSegment' | 'ageMs'>;
  now: () => number;
  clock: Clock;
}) {
  const { feed, now, clock } = deps;
  const subscribers = new Set<BackendSocket>();
  let cursor: RevocationCursor | undefined;
  const poller = createPoller({ poll: beat, periodMs: heartbeatMs, clock });

  const removePieces = feed.onSegment((piece) => {
    cursor = { epoch: piece.epoch, seq: piece.seq };
    const batch = toBatch(piece, now());
    for (const socket of subscribers) socket.emit(backendPushes.blacklist, batch);
  });

  function beat(): void {
    if (cursor === undefined || feed.ageMs() > heartbeatMs) return;
    const heartbeat = { ...cursor, now: now() };
    for (const socket of subscribers) socket.emit(backendPushes.heartbeat, heartbeat);
  }

  poller.start();
  return Object.freeze({
    /** Milliseconds since the list was read to its end. */
    ageMs: feed.ageMs,
    /** By which this node judges access tokens, in epoch ms. */
    now,
    /** The entries after the cursor of a backend. @throws revocations_not_ready */
    since(epoch: string | undefined, seq: number | undefined) {
      const piece = feed.since(epoch, seq);
      cursor = { epoch: piece.epoch, seq: piece.seq };
      return piece;
    },
    /** From here on it is pushed every piece. */
    subscribe(socket: BackendSocket) {
      // It disconnected while its answer was made, and would never be removed from the list.
      if (!socket.connected) return;
      if (!subscribers.has(socket)) socket.once('disconnect', () => subscribers.delete(socket));
      subscribers.add(socket);
    },
    close() {
      void poller.stop();
      removePieces();
      subscribers.clear();
    },
  });
}
