import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../src/db/types.ts';
import type { Seeded } from './seed.ts';

/** Table of a minimal rotation: id, generation and tag, without a decision. */
export async function createPlainTable({ db }: Database): Promise<void> {
  await sql`CREATE TABLE plain (id uuid PRIMARY KEY, gen integer NOT NULL, tag bytea NOT NULL, at timestamptz NOT NULL)
    WITH (fillfactor = 70)`.execute(db);
}

export async function seedPlainTable({ db }: Database, ids: readonly string[]): Promise<void> {
  await sql`TRUNCATE plain`.execute(db);
  await sql`INSERT INTO plain SELECT id, 1, ${randomBytes(16)}, clock_timestamp() FROM unnest(${ids}::uuid[]) id`.execute(
    db,
  );
}

/** Updates one row by a prepared statement, over the same pool as the service's statements. */
export async function updateOne({ db }: Database, { sid }: Seeded): Promise<void> {
  await sql`/* name: plain_one */ UPDATE plain SET gen = gen + 1, tag = ${randomBytes(16)}, at = clock_timestamp()
    WHERE id = ${sid} RETURNING gen, tag, at`.execute(db);
}

export async function updateMany({ db }: Database, batch: readonly Seeded[]): Promise<void> {
  const ids = batch.map(({ sid }) => sid);
  const tags = batch.map(() => randomBytes(16));
  await sql`/* name: plain_many */ UPDATE plain SET gen = gen + 1, tag = u.tag, at = clock_timestamp()
    FROM unnest(${ids}::uuid[], ${tags}::bytea[]) u(id, tag) WHERE plain.id = u.id
    RETURNING plain.id, gen, plain.tag, at`.execute(db);
}
