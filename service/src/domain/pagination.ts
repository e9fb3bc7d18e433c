import { fail, slugPattern, uuidPattern } from '@latchkey/contract';
import type { KeysetPosition } from '../db/keyset.ts';

/** Which piece of a list is asked for. */
export interface PageRequest {
  /** Rows at most. */
  readonly limit: number;
  /** `next` of the page before; absent: from the beginning. */
  readonly cursor?: string | undefined;
}

/** A page of a list. Rows that are inserted before the cursor neither repeat nor hide other rows. */
export interface RowPage<Row> {
  readonly rows: readonly Row[];
  /** Where the next page begins; `null` after the last row. */
  readonly next: string | null;
}

/** Makes a page of `limit` rows and one more, which shows whether there is another page. */
export function toPage<Row>(read: readonly Row[], { limit }: PageRequest, keyOf: (row: Row) => readonly string[]) {
  const rows = read.slice(0, limit);
  return { rows, next: read.length > limit ? encodeCursor(keyOf(rows.at(-1)!)) : null };
}

/** The cursor of the page behind the row of this key. */
export function encodeCursor(key: readonly string[]): string {
  return Buffer.from(key.join(' ')).toString('base64url');
}

/** The place that a cursor names in a list by time. @throws invalid_request */
export function decodeTimeCursor({ cursor }: PageRequest): KeysetPosition | undefined {
  if (cursor === undefined) return undefined;
  const [micros = '', id = '', ...rest] = splitCursor(cursor);
  if (!/^\d{1,16}$/.test(micros) || !uuidPattern.test(id) || rest.length > 0) throw invalidCursor();
  return { micros, id };
}

/** The name that a cursor names in a list by name. @throws invalid_request */
export function decodeNameCursor({ cursor }: PageRequest): string | undefined {
  if (cursor === undefined) return undefined;
  const [name = '', ...rest] = splitCursor(cursor);
  if (!slugPattern.test(name) || rest.length > 0) throw invalidCursor();
  return name;
}

/** The number that a cursor names in a list by number. @throws invalid_request */
export function decodeNumberCursor({ cursor }: PageRequest): number | undefined {
  if (cursor === undefined) return undefined;
  const [number = '', ...rest] = splitCursor(cursor);
  if (!/^\d{1,15}$/.test(number) || rest.length > 0) throw invalidCursor();
  return Number(number);
}

const splitCursor = (cursor: string) => Buffer.from(cursor, 'base64url').toString('latin1').split(' ');

function invalidCursor() {
  return fail('invalid_request', { details: [{ path: 'cursor', message: 'This cursor is of no list here.' }] });
}
