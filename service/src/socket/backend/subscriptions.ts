import type { FeedAnswer } from '@latchkey/contract';
import type { z } from 'zod';
import type { FeedPiece } from '../../domain/blacklist/blacklist-feed.ts';
import type { FeedDoor } from './feed.ts';
import type { LinkSocket } from './link.ts';
import { changes, type News, type View } from './news.ts';
import type { subscribe } from './schema.ts';
import { toBatch, toUserSession } from './wire.ts';

/** Where a backend stands, and the part of a long answer that it asks for; no `part`: everything at once. */
type Asked = z.output<typeof subscribe>;

/** Answers a subscription, or a part of it; a function is called at the very moment of the answer. @throws feed_not_ready */
export type Subscribe = (socket: LinkSocket, asked: Asked) => Promise<FeedAnswer | (() => FeedAnswer)>;

/** Some 200 KB each: 5 s, as long as a backend waits for an answer, on a line of two thirds of a Mbit/s. */
const partLength = { entries: 2_000, sessions: 500 };

/** An answer that goes out in parts: what there was when the first one went. */
interface Begun {
  readonly piece: FeedPiece;
  readonly there: View;
  readonly parts: number;
  /** The part that was asked for last. */
  at: number;
}

/**
 * A long answer goes out in parts, each asked for when the one before has arrived. Both lists are taken once, with the
 * first part; the last one has what came meanwhile, and from there on the backend is pushed every piece.
 */
export function createSubscriptions(deps: {
  feed: Pick<FeedDoor, 'since' | 'follow' | 'ageMs' | 'now'>;
  news: Pick<News, 'read' | 'there' | 'subscribe'>;
  tenantsSeq: () => number;
}): Subscribe {
  const { feed, news, tenantsSeq } = deps;
  const begun = new WeakMap<LinkSocket, Begun>();

  function begin(socket: LinkSocket, { epoch, seq }: Asked): Begun {
    const [piece, there] = [feed.since(epoch, seq), news.there(socket)];
    const full = [piece.entries.length / partLength.entries, there.size / partLength.sessions];
    return { piece, there, parts: Math.max(1, ...full.map(Math.ceil)), at: 0 };
  }

  /** Follows from here on: what is pushed follows on this very answer. */
  function follow(socket: LinkSocket): Omit<FeedAnswer, 'feed'> {
    feed.follow(socket);
    news.subscribe(socket);
    return { feed_age_ms: Math.ceil(feed.ageMs()), tenants_seq: tenantsSeq(), now: feed.now() };
  }

  function whole(socket: LinkSocket, { epoch, seq }: Asked): FeedAnswer {
    const lists = { feed: toBatch(feed.since(epoch, seq), feed.now()), user_sessions: sessionsOf(news.there(socket)) };
    return { ...lists, ...follow(socket) };
  }

  function last(socket: LinkSocket, asked: Asked, one: Begun): FeedAnswer {
    const later = feed.since(one.piece.epoch, one.piece.seq);
    // Its numbers began again, or too much was forgotten meanwhile: all that stands, as one list.
    if (later.kind === 'snapshot') return whole(socket, asked);
    const part = partOf(one, asked.part ?? 0, feed.now());
    const entries = [...part.feed.entries, ...toBatch(later, feed.now()).entries];
    const user_session_news = changes(one.there, news.there(socket));
    return { ...part, feed: { ...part.feed, seq: later.seq, entries }, user_session_news, ...follow(socket) };
  }

  /** What the part follows on, or is asked for once more of; a part that was left out would never be missed. */
  function goingOn(socket: LinkSocket, { part = 0 }: Asked): Begun | undefined {
    const one = begun.get(socket);
    if (one === undefined || part === 0 || part > one.at + 1 || part >= one.parts) return undefined;
    one.at = part;
    return one;
  }

  return async (socket, asked) => {
    const going = goingOn(socket, asked);
    if (going !== undefined && asked.part! < going.parts - 1) return partOf(going, asked.part!, feed.now());
    begun.delete(socket);
    await news.read();
    if (going !== undefined) return () => last(socket, asked, going);
    const one = asked.part === undefined ? undefined : begin(socket, asked);
    if (one === undefined || one.parts === 1) return () => whole(socket, asked);
    begun.set(socket, one);
    return partOf(one, 0, feed.now());
  };
}

const sessionsOf = (there: View) => [...there.values()].map(toUserSession);

function partOf(
  { piece, there, parts }: Begun,
  part: number,
  now: number,
): Required<Pick<FeedAnswer, 'feed' | 'user_sessions'>> {
  const slice = <T>(all: readonly T[], length: number) => all.slice(part * length, (part + 1) * length);
  return {
    feed: { ...toBatch({ ...piece, entries: slice(piece.entries, partLength.entries) }, now), part, parts },
    user_sessions: slice([...there.values()], partLength.sessions).map(toUserSession),
  };
}
