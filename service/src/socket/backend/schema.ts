import {
  codeVerifierPattern,
  logoutScopes,
  maxCredentialLength,
  maxProofLength,
  maxScopeLength,
  rotationKeyPattern,
} from '@latchkey/contract';
import { z } from 'zod';

const rotationKey = z.string().regex(rotationKeyPattern);
const credential = z.string().min(1).max(maxCredentialLength);
const sid = z.uuid();
/** PostgreSQL has no place for NUL, and no header holds one. */
const headerText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[^\0]*$/)
    .nullable();
/** Ids in one message: what fits into 64 KB. */
const sids = z.array(sid).max(1_000);
const sockets = z.int().min(0).max(1_000_000);

export const handshakeInput = z.strictObject({
  backend_id: z.string().min(1).max(63),
  backend_secret: z.string().min(1).max(256),
  server_id: z.uuid(),
  protocol: z.int(),
});

const peer = z.strictObject({
  connection_id: z.string().min(1).max(128),
  origin: headerText(512),
  address: headerText(64),
  user_agent: headerText(1_024),
});

export const exchangeInput = z.strictObject({
  credential,
  code_verifier: z.string().regex(codeVerifierPattern).optional(),
  rotation_key: rotationKey.optional(),
  also_rotation_keys: z.array(rotationKey).max(3).optional(),
  asked_at: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  proof: z.string().min(1).max(maxProofLength).optional(),
  socket_origin: z.string().min(1).max(512).optional(),
  expected_sid: sid.optional(),
  peer,
});

export const confirmInput = z.strictObject({ sid, gen: z.int().min(1).max(2_147_483_647) });
export const refreshInput = z.strictObject({
  sid,
  admin: z.boolean().optional(),
  scope: z.string().min(1).max(maxScopeLength).optional(),
});
export const logoutInput = z.strictObject({ sid, scope: z.enum(logoutScopes).optional() });
export const sessionsInput = z.strictObject({ sids });
export const presenceInput = z.strictObject({
  counts: z.array(z.tuple([sid, sockets])).max(1_000),
  all: z.boolean().optional(),
});
export const presenceListInput = z.strictObject({ first: z.boolean().optional() });
export const activityInput = z.strictObject({ sids });
const tenantId = z.string().min(1).max(63);
const minutes = z.int().min(1).max(525_600).nullable().optional();
export const tenantGetInput = z.strictObject({ tenant_id: tenantId });
export const tenantSetInput = z.strictObject({
  tenant_id: tenantId,
  max_active_minutes: minutes,
  max_idle_minutes: minutes,
});
export const introspectInput = z.strictObject({ token: credential });
export const subscribeInput = z.strictObject({
  epoch: z.string().max(128).optional(),
  seq: z.int().min(0).optional(),
  part: z.int().min(0).optional(),
});
