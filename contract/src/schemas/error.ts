import { z } from 'zod';
import { errorCodes, type Problem, type WireError } from '../errors.ts';

/** Schema of {@link ErrorCode}. A newer service may have further ones. */
export const errorCodeSchema = z.enum(errorCodes);

/** Schema of {@link Problem}. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  code: errorCodeSchema,
  detail: z.string().exactOptional(),
  request_id: z.string(),
  retry_after_ms: z.number().exactOptional(),
  now: z.number().exactOptional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).exactOptional(),
}) satisfies z.ZodType<Problem>;

/** Schema of {@link WireError}. */
export const wireErrorSchema = z.object({
  code: errorCodeSchema,
  message: z.string(),
  retryable: z.boolean(),
  retry_after_ms: z.number().exactOptional(),
  request_id: z.string().exactOptional(),
  detail: z.string().exactOptional(),
  details: z.unknown().exactOptional(),
  now: z.number().exactOptional(),
}) satisfies z.ZodType<WireError>;
