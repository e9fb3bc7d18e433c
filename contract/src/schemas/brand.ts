import { z } from 'zod';
import type { BrandedTenant, TenantBrand } from '../http.ts';

/** Schema of {@link TenantBrand}. */
export const tenantBrandSchema = z.object({
  name: z.string().nullable(),
  colour: z.string().nullable(),
  logo: z.string().nullable(),
}) satisfies z.ZodType<TenantBrand>;

/** Schema of {@link BrandedTenant}. */
export const brandedTenantSchema = z.object({
  id: z.string(),
  name: z.string(),
  brand: tenantBrandSchema.nullable(),
}) satisfies z.ZodType<BrandedTenant>;
