import type { AccessTokenMetadata, BackendSubscribeRequest, BackendSubscribeResponse } from '@latchkey/contract';
import type { FeedSegment } from '../../domain/revocation/revocation-feed.ts';
import type { BackendSocket } from './backend-socket.ts';
import type { FeedPublisher } from './feed-publisher.ts';
import { toBatch } from './mappers.ts';

/**
 * Answers a subscription to the revocation feed, or a part of it. It waits for nothing: how many sessions are online does
 * not matter. @throws revocations_not_ready
 */
export type Subscribe = (socket: BackendSocket, request: BackendSubscribeRequest) => BackendSubscribeResponse;

/** Some 200 KB: 5 s, as long as a backend waits for an answer, on a connection of one third of a Mbit/s. */
const partLength = 2_000;

/** An answer that goes out in parts: the list when the first one went. */
interface PagedAnswer {
  readonly piece: FeedSegment;
  readonly parts: number;
  /** The part that was asked for last. */
  at: number;
}

/**
 * A long answer goes out in parts, each asked for when the one before has arrived. The list is taken once, with the first
 * part; the last one has what came meanwhile, and from there on the backend is pushed every piece.
 */
export function createSubscriptions(deps: {
  feed: Pick<FeedPublisher, 'since' | 'subscribe' | 'ageMs' | 'now'>;
  tenantsSeq: () => number;
  accessTokens: Required<AccessTokenMetadata>;
}): Subscribe {
  const { feed, tenantsSeq, accessTokens } = deps;
  const { issuer, audience } = accessTokens;
  const begun = new WeakMap<BackendSocket, PagedAnswer>();

  function begin({ epoch, seq }: BackendSubscribeRequest): PagedAnswer {
    const piece = feed.since(epoch, seq);
    return { piece, parts: Math.max(1, Math.ceil(piece.entries.length / partLength)), at: 0 };
  }

  /** Follows from here on: what is pushed follows on this very answer. */
  function follow(socket: BackendSocket): Omit<BackendSubscribeResponse, 'feed'> {
    feed.subscribe(socket);
    return { feed_age_ms: Math.ceil(feed.ageMs()), tenants_seq: tenantsSeq(), now: feed.now(), issuer, audience };
  }

  function whole(socket: BackendSocket, piece: FeedSegment): BackendSubscribeResponse {
    return { feed: toBatch(piece, feed.now()), ...follow(socket) };
  }

  function last(
    socket: BackendSocket,
    { epoch, seq, part = 0 }: BackendSubscribeRequest,
    one: PagedAnswer,
  ): BackendSubscribeResponse {
    const later = feed.since(one.piece.epoch, one.piece.seq);
    // Its numbers were restarted, or too many entries were deleted meanwhile: send the full list.
    if (later.kind === 'snapshot') return whole(socket, feed.since(epoch, seq));
    const answer = toPart(one, part, feed.now());
    const entries = [...answer.feed.entries, ...toBatch(later, feed.now()).entries];
    return { feed: { ...answer.feed, seq: later.seq, entries }, ...follow(socket) };
  }

  /** What the part follows on, or is asked for once more of; a part that was left out would never be missed. */
  function continueAnswer(socket: BackendSocket, { part = 0 }: BackendSubscribeRequest): PagedAnswer | undefined {
    const one = begun.get(socket);
    if (one === undefined || part === 0 || part > one.at + 1 || part >= one.parts) return undefined;
    one.at = part;
    return one;
  }

  return (socket, request) => {
    const continued = continueAnswer(socket, request);
    if (continued !== undefined && request.part! < continued.parts - 1)
      return toPart(continued, request.part!, feed.now());
    begun.delete(socket);
    if (continued !== undefined) return last(socket, request, continued);
    const one = begin(request);
    if (request.part === undefined || one.parts === 1) return whole(socket, one.piece);
    begun.set(socket, one);
    return toPart(one, 0, feed.now());
  };
}

function toPart({ piece, parts }: PagedAnswer, part: number, now: number): Pick<BackendSubscribeResponse, 'feed'> {
  const entries = piece.entries.slice(part * partLength, (part + 1) * partLength);
  return { feed: { ...toBatch({ ...piece, entries }, now), part, parts } };
}
