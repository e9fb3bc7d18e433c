import { fail } from '@latchkey/contract';
import { sha256 } from '../../base/bytes.ts';
import type { Db } from '../../db/schema.ts';
import { type BrandUpdate, colourMistake, type StoredBrand } from './brand.ts';
import { deleteLogo, type StoredLogo, writeBrand, writeLogo } from './brand-store.ts';
import { readLogo } from './logo.ts';
import { isTenantName } from './tenant.ts';
import { findTenant } from './tenant-store.ts';

interface NewLogo extends StoredLogo {
  readonly width: number;
  readonly height: number;
}

/** Inside a transaction. @throws tenant_unknown · invalid_request */
export async function setBrand(tx: Db, id: string, update: BrandUpdate): Promise<StoredBrand> {
  const logo = typeof update.logo === 'string' ? toLogo(update.logo) : undefined;
  assertBrand(update, logo);
  const tenant = await findTenant(tx, id);
  if (tenant === undefined) throw fail('tenant_unknown');
  if (typeof logo === 'object') await writeLogo(tx, id, logo);
  if (update.logo === null) await deleteLogo(tx, id);
  const present = update.logo === undefined ? (tenant.brand?.logo ?? null) : null;
  const brand = {
    name: update.name ?? null,
    colour: update.colour ?? null,
    logo: typeof logo === 'object' ? toReference(logo) : present,
  };
  await writeBrand(tx, id, brand);
  return brand;
}

/** Inside a transaction. @throws tenant_unknown */
export async function removeBrand(tx: Db, id: string): Promise<null> {
  if (!(await writeBrand(tx, id, null))) throw fail('tenant_unknown');
  await deleteLogo(tx, id);
  return null;
}

const toReference = ({ hash, type, width, height }: NewLogo) => ({ hash, type, width, height });

/** The logo, or what is wrong with it. */
function toLogo(base64: string): NewLogo | string {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return 'has to be base64';
  const format = readLogo(bytes);
  return typeof format === 'string' ? format : { ...format, bytes, hash: sha256(bytes).toString('hex') };
}

function assertBrand({ name, colour }: BrandUpdate, logo: NewLogo | string | undefined): void {
  const mistakes = [
    ['name', typeof name === 'string' && !isTenantName(name) ? 'Use 1 to 200 characters.' : undefined],
    ['colour', typeof colour === 'string' ? colourMistake(colour) : undefined],
    ['logo', typeof logo === 'string' ? logo : undefined],
  ] as const;
  const details = mistakes.flatMap(([path, message]) => (message === undefined ? [] : [{ path, message }]));
  if (details.length > 0) throw fail('invalid_request', { details });
}
