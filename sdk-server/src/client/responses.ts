import {
  type BackendAccessGrant,
  type BackendGrant,
  type BackendSessionStatus,
  type BackendToServiceEvents,
  type Failure,
  fail,
  isErrorCode,
} from '@latchkey/contract';
import {
  type BackendAckError,
  type BackendData,
  backendAckSchema,
  backendDataSchemas,
} from '@latchkey/contract/schemas';
import type { AccessGrant, Grant, SessionInspection } from '@latchkey/core';

export const fromBackendAccessGrant = (answer: BackendAccessGrant): AccessGrant => ({
  expiresInSeconds: answer.expires_in,
  idleExpiresInSeconds: answer.idle_expires_in,
  accessToken: answer.access_token,
  accessTokenExpiresInSeconds: answer.access_token_expires_in,
  scope: answer.scope ?? '',
  refreshInSeconds: answer.refresh_in,
});

export const fromBackendGrant = (answer: BackendGrant): Grant => ({
  ...fromBackendAccessGrant(answer),
  sid: answer.sid,
  userId: answer.user_id,
  tenantId: answer.tenant_id,
  generation: answer.generation,
  token: answer.token,
  rotateInSeconds: answer.rotate_in,
  idleTimeoutInSeconds: answer.idle_timeout_in,
  claims: answer.claims,
  serverTimeMs: answer.server_time,
  nowMs: answer.now,
});

export const toSessionInspection = (row: BackendSessionStatus): SessionInspection =>
  row.alive
    ? { sid: row.sid, alive: true, expiresInSeconds: row.expires_in, idleExpiresInSeconds: row.idle_expires_in }
    : row;

/**
 * Returns the data of an acknowledgement.
 *
 * @throws the service's own failure; unavailable if the acknowledgement has a wrong shape
 */
export function parseServiceResponse<K extends keyof BackendToServiceEvents>(call: K, answer: unknown): BackendData<K> {
  const ack = backendAckSchema.safeParse(answer);
  if (!ack.success) throw fail('unavailable', { detail: 'an answer of the service has a wrong shape' });
  if (!ack.data.ok) throw toServiceFailure(ack.data.error);
  const data = backendDataSchemas[call].safeParse(ack.data.data);
  if (!data.success) throw fail('unavailable', { detail: `an answer of the service has a wrong shape: ${data.error}` });
  return data.data as BackendData<K>;
}

/** A code of a newer service means nothing to this version. */
function toServiceFailure({ code, message, retry_after_ms, details, verified = false, now }: BackendAckError): Failure {
  if (!isErrorCode(code)) return fail('unavailable', { detail: `the service said ${code}` });
  return fail(code, { message, retryAfterMs: retry_after_ms, details, verified, nowMs: now });
}
