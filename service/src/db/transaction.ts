import { type RawBuilder, sql } from 'kysely';
import { type Deadline, lateFailure, lateSql, timestampFromMs } from './deadline.ts';
import type { Db } from './schema.ts';

/** States after which the same work may simply be done again: serialization failure, deadlock. */
const retryStates: ReadonlySet<unknown> = new Set(['40001', '40P01']);
const attempts = 4;

export interface Transaction {
  /** The handle that everything inside has to use: on PGlite the outer one waits for ever. */
  readonly tx: Db;
}

/** A transaction for a request, in time. */
export interface TimedTransaction extends Transaction {
  /** The database's time after the lock, in epoch ms. */
  readonly lockedAtMs: number;
}

/** What a transaction for a request is bound to. */
export interface TransactionBounds extends Pick<Deadline, 'until'> {
  /** The row that the transaction is about, by its id: the deadline is judged after the wait for it. */
  readonly lock?: readonly ['users' | 'tenants' | 'backends', string];
}

/**
 * Runs `work` in one transaction, again after a deadlock. The caller notifies others after the commit.
 *
 * With `bounds` its first statement judges the deadline: of a transaction whose connection stalls, only that one can be
 * carried out late.
 *
 * @throws unavailable the deadline has passed
 * @example
 * await withTransaction(db, ({ tx }) => users.invalidateCodes(tx, id), { until, lock: ['users', id] });
 */
export function withTransaction<T>(
  db: Db,
  work: (transaction: TimedTransaction) => Promise<T>,
  bounds: TransactionBounds,
): Promise<T>;
export function withTransaction<T>(
  db: Db,
  work: (transaction: Transaction) => Promise<T>,
  bounds?: TransactionBounds,
): Promise<T>;
export function withTransaction<T>(
  db: Db,
  work: (transaction: TimedTransaction) => Promise<T>,
  bounds?: TransactionBounds,
): Promise<T> {
  return withRetry(() =>
    db.transaction().execute(async (tx) => {
      const lockedAtMs = bounds === undefined ? Number.NaN : await lockBeforeDeadline(tx, bounds);
      return work({ tx, lockedAtMs });
    }),
  );
}

async function lockBeforeDeadline(tx: Db, { until, lock }: TransactionBounds): Promise<number> {
  const locked = lock === undefined ? sql`SELECT` : rowOf(lock);
  const { rows } = await sql<{ late: boolean; at: number }>`
    WITH locked AS MATERIALIZED (${locked}), timed AS MATERIALIZED (SELECT count(*) AS n FROM locked),
    c AS MATERIALIZED (SELECT clock_timestamp() AS t, ${timestampFromMs(until)} AS until FROM timed)
    SELECT ${sql.raw(lateSql('c.t', 'c.until'))} AS late,
      (extract(epoch FROM c.t) * 1000)::float8 AS at FROM c`.execute(tx);
  const { late, at } = rows[0]!;
  if (late) throw lateFailure();
  return at;
}

const rowOf = ([table, id]: NonNullable<TransactionBounds['lock']>): RawBuilder<unknown> =>
  sql`SELECT FROM ${sql.table(table)} WHERE id = ${id} FOR NO KEY UPDATE`;

/** Runs one guarded statement, again after a deadlock. */
export async function withRetry<T>(statement: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await statement();
    } catch (error) {
      if (attempt === attempts || !isRetryable(error)) throw error;
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && retryStates.has(error.code);
}
