import { type RawBuilder, sql } from 'kysely';

/** Cursor: the key of the last row of the previous page. */
export interface KeysetPosition {
  /** Microseconds of the epoch, as text: a `Date` would lose digits. */
  readonly micros: string;
  readonly id: string;
}

/** Before the first row of a list by id. */
export const nilUuid: string = '00000000-0000-0000-0000-000000000000';

/** Before the first row of a list by time and id. */
export const keysetStart: KeysetPosition = Object.freeze({ micros: '0', id: nilUuid });

/**
 * Reads a list page by page, each from the key of the last row that the page before has read. Never from the front, where
 * rows that were deleted or changed just now would be read again.
 *
 * @param read returns the page behind a key. `last` is the key of its last row; none ends the list
 * @example
 * for await (const { removed } of pagesAfter('', (after) => deleteExpiredPage(db, after))) total += removed;
 */
export async function* pagesAfter<Key, Page extends { readonly last: Key | null | undefined }>(
  first: Key,
  read: (after: Key) => Promise<Page>,
): AsyncGenerator<Page, void> {
  for (let after: Key | null | undefined = first; after != null; ) {
    const page: Page = await read(after);
    yield page;
    after = page.last;
  }
}

/**
 * The place as a row, to compare the key columns with.
 *
 * @example
 * sql`SELECT … WHERE (s.created_at, s.sid) > ${toRowValue(after)} ORDER BY s.created_at, s.sid LIMIT 500`
 */
export const toRowValue = ({ micros, id }: KeysetPosition): RawBuilder<unknown> =>
  sql`(timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', ${id}::uuid)`;

/** A time as microseconds of the epoch, as text: a `Date` would lose digits. @param column of type timestamptz */
export const epochMicrosSql = (column: string): RawBuilder<string> =>
  sql.raw(`(extract(epoch FROM ${column}) * 1000000)::bigint::text`);
