import type { AccessTokenNames, FeedAnswer } from '@latchkey/contract';
import type { z } from 'zod';
import type { FeedPiece } from '../../domain/blacklist/blacklist-feed.ts';
import type { FeedDoor } from './feed.ts';
import type { LinkSocket } from './link.ts';
import type { subscribe } from './schema.ts';
import { toBatch } from './wire.ts';

/** The backend's cursor, and the part of a long answer that it asks for; no `part`: everything at once. */
type Asked = z.output<typeof subscribe>;

/**
 * Answers a subscription to the revocation feed, or a part of it. It waits for nothing: how many sessions are online does
 * not matter. @throws revocations_not_ready
 */
export type Subscribe = (socket: LinkSocket, asked: Asked) => FeedAnswer;

/** Some 200 KB: 5 s, as long as a backend waits for an answer, on a connection of one third of a Mbit/s. */
const partLength = 2_000;

/** An answer that goes out in parts: the list when the first one went. */
interface Begun {
  readonly piece: FeedPiece;
  readonly parts: number;
  /** The part that was asked for last. */
  at: number;
}

/**
 * A long answer goes out in parts, each asked for when the one before has arrived. The list is taken once, with the first
 * part; the last one has what came meanwhile, and from there on the backend is pushed every piece.
 */
export function createSubscriptions(deps: {
  feed: Pick<FeedDoor, 'since' | 'follow' | 'ageMs' | 'now'>;
  tenantsSeq: () => number;
  accessTokens: Required<AccessTokenNames>;
}): Subscribe {
  const { feed, tenantsSeq, accessTokens } = deps;
  const { issuer, audience } = accessTokens;
  const begun = new WeakMap<LinkSocket, Begun>();

  function begin({ epoch, seq }: Asked): Begun {
    const piece = feed.since(epoch, seq);
    return { piece, parts: Math.max(1, Math.ceil(piece.entries.length / partLength)), at: 0 };
  }

  /** Follows from here on: what is pushed follows on this very answer. */
  function follow(socket: LinkSocket): Omit<FeedAnswer, 'feed'> {
    feed.follow(socket);
    return { feed_age_ms: Math.ceil(feed.ageMs()), tenants_seq: tenantsSeq(), now: feed.now(), issuer, audience };
  }

  function whole(socket: LinkSocket, piece: FeedPiece): FeedAnswer {
    return { feed: toBatch(piece, feed.now()), ...follow(socket) };
  }

  function last(socket: LinkSocket, { epoch, seq, part = 0 }: Asked, one: Begun): FeedAnswer {
    const later = feed.since(one.piece.epoch, one.piece.seq);
    // Its numbers began again, or too much was forgotten meanwhile: all that stands, as one list.
    if (later.kind === 'snapshot') return whole(socket, feed.since(epoch, seq));
    const answer = partOf(one, part, feed.now());
    const entries = [...answer.feed.entries, ...toBatch(later, feed.now()).entries];
    return { feed: { ...answer.feed, seq: later.seq, entries }, ...follow(socket) };
  }

  /** What the part follows on, or is asked for once more of; a part that was left out would never be missed. */
  function goingOn(socket: LinkSocket, { part = 0 }: Asked): Begun | undefined {
    const one = begun.get(socket);
    if (one === undefined || part === 0 || part > one.at + 1 || part >= one.parts) return undefined;
    one.at = part;
    return one;
  }

  return (socket, asked) => {
    const going = goingOn(socket, asked);
    if (going !== undefined && asked.part! < going.parts - 1) return partOf(going, asked.part!, feed.now());
    begun.delete(socket);
    if (going !== undefined) return last(socket, asked, going);
    const one = begin(asked);
    if (asked.part === undefined || one.parts === 1) return whole(socket, one.piece);
    begun.set(socket, one);
    return partOf(one, 0, feed.now());
  };
}

function partOf({ piece, parts }: Begun, part: number, now: number): Pick<FeedAnswer, 'feed'> {
  const entries = piece.entries.slice(part * partLength, (part + 1) * partLength);
  return { feed: { ...toBatch({ ...piece, entries }, now), part, parts } };
}
