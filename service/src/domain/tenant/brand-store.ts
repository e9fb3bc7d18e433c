import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { StoredBrand } from './brand.ts';
import type { LogoType } from './logo.ts';

/** The image of a logo, and where it is from. */
export interface StoredLogo {
  readonly hash: string;
  readonly type: LogoType;
  readonly bytes: Buffer;
}

/** Writes the brand of a tenant; `null`: none. Returns false if there is no such tenant. */
export async function writeBrand(tx: Db, id: string, brand: StoredBrand | null): Promise<boolean> {
  const { rows } = await sql`/* name: write_brand */
    UPDATE tenants SET brand = ${brand === null ? null : JSON.stringify(brand)}::jsonb WHERE id = ${id} RETURNING id`.execute(
    tx,
  );
  return rows.length > 0;
}

export async function writeLogo(tx: Db, id: string, { hash, type, bytes }: StoredLogo): Promise<void> {
  await sql`/* name: write_logo */
    INSERT INTO tenant_logos (tenant_id, hash, type, bytes) VALUES (${id}, ${hash}, ${type}, ${bytes}::bytea)
    ON CONFLICT (tenant_id) DO UPDATE SET hash = excluded.hash, type = excluded.type, bytes = excluded.bytes`.execute(
    tx,
  );
}

export async function deleteLogo(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('tenant_logos').where('tenant_id', '=', id).execute();
}

/** The image with this hash. Tenants with the same image have one address for it. */
export async function findLogo(db: Db, hash: string): Promise<StoredLogo | undefined> {
  const { rows } = await sql<StoredLogo>`/* name: find_logo */
    SELECT hash, type, bytes FROM tenant_logos WHERE hash = ${hash} LIMIT 1`.execute(db);
  return rows[0];
}
