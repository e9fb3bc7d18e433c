import { type RawBuilder, sql } from 'kysely';
import type { Place } from './page.ts';

/** Before the first row of a list by time and id. */
export const beforeAll: Place = Object.freeze({ micros: '0', id: '00000000-0000-0000-0000-000000000000' });

/**
 * The place as a row, to compare the key columns with.
 *
 * @example
 * sql`SELECT … WHERE (s.created_at, s.sid) > ${rowAt(after)} ORDER BY s.created_at, s.sid LIMIT 500`
 */
export const rowAt = ({ micros, id }: Place): RawBuilder<unknown> =>
  sql`(timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', ${id}::uuid)`;

/** A time as microseconds of the epoch, as text: a `Date` would lose digits. @param column of type timestamptz */
export const microsOf = (column: string): RawBuilder<string> =>
  sql.raw(`(extract(epoch FROM ${column}) * 1000000)::bigint::text`);
