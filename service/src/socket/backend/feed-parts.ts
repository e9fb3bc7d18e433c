import type { FeedBatch } from '@latchkey/contract';
import type { z } from 'zod';
import type { BlacklistFeed, FeedPiece } from '../../domain/blacklist/blacklist-feed.ts';
import type { subscribe } from './schema.ts';
import { toBatch } from './wire.ts';

/** Where a backend stands, and the part of a long list that it asks for; no `part`: everything at once. */
export type Asked = z.output<typeof subscribe>;

/** Long lists in parts, each asked for when the one before has arrived. */
export interface FeedParts<Reader extends object> {
  /** A part, when others follow; `undefined`: {@link FeedParts.rest} has all that is left. @throws feed_not_ready */
  part(reader: Reader, asked: Asked): FeedBatch | undefined;
  /** What is left, with everything that came meanwhile. @throws feed_not_ready */
  rest(reader: Reader, asked: Asked): FeedBatch;
}

/** Some 200 KB: 5 s, as long as a backend waits for an answer, on a line of a third of a Mbit/s. */
const partLength = 2_000;

const partsOf = ({ entries }: FeedPiece): number => Math.max(1, Math.ceil(entries.length / partLength));

/**
 * The list is taken once, with the first part: what comes later has higher numbers, so the last part alone has to bring
 * it. Should numbers begin again meanwhile, so does the list.
 */
export function createFeedParts<Reader extends object>({ since }: Pick<BlacklistFeed, 'since'>): FeedParts<Reader> {
  const begun = new WeakMap<Reader, FeedPiece>();

  function slice(piece: FeedPiece, part: number): FeedBatch {
    const entries = piece.entries.slice(part * partLength, (part + 1) * partLength);
    return { ...toBatch({ ...piece, entries }), part, parts: partsOf(piece) };
  }

  function first(reader: Reader, { epoch, seq }: Asked): FeedBatch | undefined {
    const piece = since(epoch, seq);
    if (partsOf(piece) === 1) return undefined;
    begun.set(reader, piece);
    return slice(piece, 0);
  }

  return Object.freeze<FeedParts<Reader>>({
    part(reader, asked) {
      const { part } = asked;
      const piece = part === undefined || part === 0 ? undefined : begun.get(reader);
      if (piece !== undefined) return part! < partsOf(piece) - 1 ? slice(piece, part!) : undefined;
      begun.delete(reader);
      return part === undefined ? undefined : first(reader, asked);
    },
    rest(reader, { epoch, seq, part = 0 }) {
      const piece = begun.get(reader);
      begun.delete(reader);
      if (piece === undefined) return toBatch(since(epoch, seq));
      const later = since(piece.epoch, piece.seq);
      // Its numbers began again, or too much was forgotten meanwhile: all that stands, as one list.
      if (later.kind === 'snapshot') return toBatch(later);
      const last = slice(piece, part);
      return { ...last, seq: later.seq, entries: [...last.entries, ...toBatch(later).entries] };
    },
  });
}
