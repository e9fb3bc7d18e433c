import type { Db } from '../../db/schema.ts';

export async function rememberSecretKids(db: Db, kids: readonly string[]): Promise<void> {
  await db
    .insertInto('secrets')
    .values(kids.map((kid) => ({ kid })))
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function readSecretKids(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('secrets').select('kid').execute();
  return rows.map((row) => row.kid);
}
