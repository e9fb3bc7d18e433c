import {
  codeVerifierPattern,
  logoutScopes,
  longestCredential,
  longestProof,
  longestScope,
  rotationKeyPattern,
} from '@latchkey/contract';
import { z } from 'zod';

const rotationKey = z.string().regex(rotationKeyPattern);
const credential = z.string().min(1).max(longestCredential);
const sid = z.uuid();
/** PostgreSQL has no place for NUL, and no header holds one. */
const shown = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[^\0]*$/)
    .nullable();
/** Ids in one message: what fits into 64 KB. */
const sids = z.array(sid).max(1_000);
const sockets = z.int().min(0).max(1_000_000);

export const handshake = z.strictObject({
  backend_id: z.string().min(1).max(63),
  backend_secret: z.string().min(1).max(256),
  server_id: z.uuid(),
  protocol: z.int(),
});

const peer = z.strictObject({
  connection_id: z.string().min(1).max(128),
  origin: shown(512),
  address: shown(64),
  user_agent: shown(1_024),
});

export const exchange = z.strictObject({
  credential,
  code_verifier: z.string().regex(codeVerifierPattern).optional(),
  rotation_key: rotationKey.optional(),
  also_rotation_keys: z.array(rotationKey).max(3).optional(),
  asked_at: z.number().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  proof: z.string().min(1).max(longestProof).optional(),
  socket_origin: z.string().min(1).max(512).optional(),
  expected_sid: sid.optional(),
  peer,
});

export const confirm = z.strictObject({ sid, gen: z.int().min(1).max(2_147_483_647) });
export const refresh = z.strictObject({
  sid,
  admin: z.boolean().optional(),
  scope: z.string().min(1).max(longestScope).optional(),
});
export const logout = z.strictObject({ sid, scope: z.enum(logoutScopes).optional() });
export const sessions = z.strictObject({ sids });
export const presence = z.strictObject({
  counts: z.array(z.tuple([sid, sockets])).max(1_000),
  all: z.boolean().optional(),
});
export const presenceList = z.strictObject({ first: z.boolean().optional() });
export const activity = z.strictObject({ sids });
const tenantId = z.string().min(1).max(63);
const minutes = z.int().min(1).max(525_600).nullable().optional();
export const tenantGet = z.strictObject({ tenant_id: tenantId });
export const tenantSet = z.strictObject({
  tenant_id: tenantId,
  max_active_minutes: minutes,
  max_idle_minutes: minutes,
});
export const introspect = z.strictObject({ token: credential });
export const subscribe = z.strictObject({
  epoch: z.string().max(128).optional(),
  seq: z.int().min(0).optional(),
  part: z.int().min(0).optional(),
});
