import { type BrandedTenant, paths, type TenantBrand } from '@latchkey/contract';
import type { StoredBrand } from '../domain/tenant/brand.ts';
import type { Tenant } from '../domain/tenant/tenant.ts';

export function toBrandView({ name, colour, logo }: StoredBrand): TenantBrand {
  return { name, colour, logo: logo === null ? null : logoPath(logo) };
}

/** A tenant as its pages show it. */
export function toBrandedTenant({ id, name, brand }: Pick<Tenant, 'brand' | 'id' | 'name'>): BrandedTenant {
  return { id, name, brand: brand === null ? null : toBrandView(brand) };
}

function logoPath({ hash, type }: NonNullable<StoredBrand['logo']>): string {
  return `${paths.brandLogos}/${hash}.${type}`;
}
