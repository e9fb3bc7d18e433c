import type { EcPublicJwk } from '@latchkey/core/internal';
import { sql } from 'kysely';
import type { WrappedBytes } from '../../base/wrap.ts';
import type { Db } from '../../db/schema.ts';
import type { KeyState } from './key.ts';

export interface StoredKey {
  readonly kid: string;
  readonly state: KeyState;
  readonly point: EcPublicJwk;
  readonly wrapped: WrappedBytes;
  readonly createdAt: Date;
  readonly retiredAtMs: number | null;
  /** Time of the database when the row was read. */
  readonly nowMs: number;
}

/** Current, next, then previous, newest first. */
export async function readKeys(db: Db): Promise<StoredKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .select([
      'kid',
      'state',
      'public_jwk',
      'private_wrapped',
      'wrap_kid',
      'created_at',
      'retired_at',
      sql<Date>`now()`.as('now'),
    ])
    .orderBy(sql`array_position(ARRAY['current', 'next', 'previous'], state)`)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute();
  return rows.map((row) => ({
    kid: row.kid,
    state: row.state,
    point: row.public_jwk as EcPublicJwk,
    wrapped: { bytes: row.private_wrapped, wrapKid: row.wrap_kid },
    createdAt: row.created_at,
    retiredAtMs: row.retired_at?.getTime() ?? null,
    nowMs: row.now.getTime(),
  }));
}

/** False when another node was first: there is one key of each of these states. */
export async function insertKey(
  db: Db,
  key: { kid: string; state: 'next' | 'current'; point: EcPublicJwk; wrapped: WrappedBytes },
): Promise<boolean> {
  const row = await db
    .insertInto('signing_keys')
    .values({
      kid: key.kid,
      state: key.state,
      public_jwk: JSON.stringify(key.point),
      private_wrapped: key.wrapped.bytes,
      wrap_kid: key.wrapped.wrapKid,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('kid')
    .executeTakeFirst();
  return row !== undefined;
}

/** False when the key is not in that state any more. */
export async function retireKey(db: Db, kid: string, from: 'next' | 'current'): Promise<boolean> {
  return updateKey(db, kid, from, { state: 'previous' as const, retired_at: sql<Date>`now()` });
}

/** False when the key is not next any more. */
export async function promoteKey(db: Db, kid: string): Promise<boolean> {
  return updateKey(db, kid, 'next', { state: 'current' as const });
}

type KeyUpdate = { state: KeyState; retired_at?: ReturnType<typeof sql<Date>> };

async function updateKey(db: Db, kid: string, from: KeyState, to: KeyUpdate): Promise<boolean> {
  const row = await db
    .updateTable('signing_keys')
    .set(to)
    .where('kid', '=', kid)
    .where('state', '=', from)
    .returning('kid')
    .executeTakeFirst();
  return row !== undefined;
}

/** Stores a private key wrapped by the newest secret, unless the row has changed since it was read. */
export async function rewrapKey(db: Db, kid: string, from: WrappedBytes, to: WrappedBytes): Promise<void> {
  await db
    .updateTable('signing_keys')
    .set({ private_wrapped: to.bytes, wrap_kid: to.wrapKid })
    .where('kid', '=', kid)
    .where('wrap_kid', '=', from.wrapKid)
    .execute();
}

export async function deleteRetiredKeys(db: Db, kids: readonly string[]): Promise<number> {
  if (kids.length === 0) return 0;
  const rows = await db
    .deleteFrom('signing_keys')
    .where('kid', 'in', kids)
    .where('state', '=', 'previous')
    .returning('kid')
    .execute();
  return rows.length;
}

export async function deleteKeys(db: Db): Promise<void> {
  await db.deleteFrom('signing_keys').execute();
}
