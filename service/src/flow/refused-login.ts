import { createHmac } from 'node:crypto';
import { Failure } from '@latchkey/contract';
import type { AuditDetail } from '../domain/audit/audit.ts';
import type { LimitedLogin } from '../domain/limit/limit.ts';
import type { FlowContext } from './context.ts';

/**
 * Writes a refused sign-in into the audit, with its reason and the account. Where the tenant has no such account, a keyed hash
 * of the typed address: two rows can be compared, but nothing that was typed can be read from one. It may be a password.
 *
 * @param attempt with the address as it was typed
 * @param error of the sign-in; nothing is written for a transient error
 */
export async function recordRefusedLogin(
  context: Pick<FlowContext, 'audit' | 'db' | 'hooks' | 'limits' | 'onError' | 'secrets' | 'users'>,
  attempt: LimitedLogin & { readonly typed: string; readonly addressPrefix: string | null },
  error: unknown,
): Promise<void> {
  if (!(error instanceof Failure) || !shouldAudit(context, attempt, error)) return;
  const { users, audit, db, onError } = context;
  const { tenantId, typed, addressPrefix } = attempt;
  try {
    const user = await users.findByEmail(db, tenantId, typed);
    const entry = { tenantId, userId: user?.id, addressPrefix };
    const detail = user === undefined ? unknownDetail(context, attempt, error) : { reason: reasonOf(context, error) };
    await audit.record(db, { ...entry, action: 'login_failed', detail });
  } catch (cause) {
    onError(cause);
  }
}

/** Refusals by a limit cost the client nothing, so only some of them are written down. */
function shouldAudit(
  { limits }: Pick<FlowContext, 'limits'>,
  attempt: LimitedLogin,
  { code, retryable }: Failure,
): boolean {
  if (code === 'rate_limited') return limits.auditedRefusals.takeOfAddress(attempt.address);
  return !retryable && code !== 'internal_error';
}

function reasonOf({ hooks }: Pick<FlowContext, 'hooks'>, { code }: Failure): string {
  const isOwn = hooks.findUserByCredentials === undefined;
  return code === 'invalid_credentials' && isOwn ? 'wrong_password' : code;
}

function unknownDetail(
  { secrets, hooks }: Pick<FlowContext, 'hooks' | 'secrets'>,
  { tenantId, emailKey }: LimitedLogin,
  { code }: Failure,
): AuditDetail {
  const isOwn = hooks.findUserByCredentials === undefined;
  const key = secrets.key('audit-address', secrets.currentKid)!;
  const typed = createHmac('sha256', key)
    .update(JSON.stringify([tenantId, emailKey]))
    .digest();
  const reason = code === 'invalid_credentials' && isOwn ? 'no_account' : code;
  return { reason, typed_address_hmac: typed.subarray(0, 16).toString('base64url') };
}
