import type { FeedBatch, FeedCursor } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import type { BlacklistFeed } from '../../domain/blacklist/blacklist-feed.ts';
import { type Asked, createFeedParts } from './feed-parts.ts';
import type { LinkSocket } from './link.ts';
import { toBatch } from './wire.ts';

/** The blacklist as backends follow it, from this node's own cursor. */
export interface FeedDoor {
  /** A part of what the backend lacks, when others follow; `undefined`: {@link FeedDoor.subscribe} has the rest. */
  part(socket: LinkSocket, asked: Asked): FeedBatch | undefined;
  /** What the backend lacks, or the rest of it; from here on it is pushed every piece. @throws feed_not_ready */
  subscribe(socket: LinkSocket, asked: Asked): FeedBatch;
  /** Milliseconds since the list was read to its end. */
  ageMs(): number;
  close(): void;
}

const heartbeatMs = 1_000;

/**
 * A heartbeat says: up to this number nothing is missing. It goes out only after a read of the table that reached its
 * head, behind the pieces of that read, and not at all while the table cannot be read.
 */
export function createFeedDoor(deps: {
  feed: Pick<BlacklistFeed, 'since' | 'onPiece' | 'ageMs'>;
  clock: Clock;
}): FeedDoor {
  const { feed, clock } = deps;
  const subscribers = new Set<LinkSocket>();
  const parts = createFeedParts({ since: feed.since });
  let cursor: FeedCursor | undefined;
  let cancel = () => {};

  const removePieces = feed.onPiece((piece) => {
    cursor = { epoch: piece.epoch, seq: piece.seq };
    const batch = toBatch(piece);
    for (const socket of subscribers) socket.emit('blacklist', batch);
  });

  function beat(): void {
    cancel = clock.after(heartbeatMs, beat);
    if (cursor === undefined || feed.ageMs() > heartbeatMs) return;
    for (const socket of subscribers) socket.emit('heartbeat', cursor);
  }

  beat();
  return Object.freeze({
    part: parts.part,
    ageMs: feed.ageMs,
    subscribe(socket: LinkSocket, asked: Asked) {
      const batch = parts.rest(socket, asked);
      cursor = { epoch: batch.epoch, seq: batch.seq };
      if (!subscribers.has(socket)) socket.once('disconnect', () => subscribers.delete(socket));
      subscribers.add(socket);
      return batch;
    },
    close() {
      cancel();
      removePieces();
      subscribers.clear();
    },
  });
}
