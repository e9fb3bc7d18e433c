import { z } from 'zod';
import { text } from '../schemas.ts';

const defaultLimit = 50;
const maxLimit = 100;

const limit = z
  .string()
  .regex(/^\d{1,3}$/, 'has to be a whole number')
  .transform(Number)
  .pipe(z.number().min(1).max(maxLimit))
  .default(defaultLimit);
const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'has to be next_cursor of the page before')
  .optional();

/** Which page of a list: `?limit=` rows at most, 1 to 100, 50 unless said, and `?cursor=`. */
export const pageFields = { limit, cursor };

export const pageQuery = z.strictObject(pageFields);

export const booleanQuery = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .optional();

export const tenantId = text(63);
export const name = text(200);
/** Beginning of an address. */
export const emailPrefix = text(254).optional();
