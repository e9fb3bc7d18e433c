import type { AccountActivity, AccountExport, CursorPage } from '@latchkey/contract';
import type { AuditRow } from '../../domain/audit/audit.ts';
import type { PageRequest } from '../../domain/pagination.ts';
import { listSessions } from '../account.ts';
import type { FlowContext } from '../context.ts';
import { findCallerUser } from '../find-caller-user.ts';
import { assertFreshSignIn } from '../fresh-sign-in.ts';
import type { Caller, Client } from '../types.ts';
import { getCurrentUser } from './profile.ts';

/** How fresh a sign-in has to be for an export, in seconds. */
const maxSignInAgeSeconds = 5 * 60;
/** Rows of the audit that an export has at most, the newest. */
const maxActivity = 10_000;
const pageSize = 500;

/**
 * What happened to the caller's account, newest first. Where the owner of the address took the account over from another user,
 * nothing of before.
 *
 * @throws invalid_request the cursor
 */
export async function listActivity(
  { audit, db }: Pick<FlowContext, 'audit' | 'db'>,
  { userId }: Caller,
  page: PageRequest,
): Promise<CursorPage<'activity', AccountActivity>> {
  const { rows: taken } = await audit.list(db, { userId, action: 'possession_taken', limit: 1 });
  const { rows, next } = await audit.page(db, { ...page, userId, since: taken[0]?.id });
  return { activity: rows.map(toView), next_cursor: next };
}

/**
 * Everything that is stored about the caller, without hashes and secrets, and without the ids and networks of others.
 *
 * @throws reauthentication_required · rate_limited
 */
export async function exportAccount(
  context: Pick<FlowContext, 'audit' | 'databaseClock' | 'db' | 'limits' | 'sessions' | 'users'>,
  caller: Caller,
  { addressPrefix }: Client,
): Promise<AccountExport> {
  assertFreshSignIn(context, caller, maxSignInAgeSeconds);
  context.limits.exports.take(caller.userId);
  const { externalId, appMetadata } = await findCallerUser(context, caller);
  const { userId, tenantId, sid } = caller;
  await context.audit.record(context.db, { action: 'account_exported', tenantId, userId, sid, addressPrefix });
  return {
    user: { ...(await getCurrentUser(context, caller)), external_id: externalId, app_metadata: { ...appMetadata } },
    ...(await listSessions(context, caller)),
    activity: await readActivity(context, caller),
  };
}

async function readActivity(context: Pick<FlowContext, 'audit' | 'db'>, caller: Caller): Promise<AccountActivity[]> {
  const activity: AccountActivity[] = [];
  for (let cursor: string | undefined; activity.length < maxActivity; ) {
    const page = await listActivity(context, caller, { limit: pageSize, cursor });
    activity.push(...page.activity);
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  return activity;
}

/** Of what an administrator did, neither who it was nor its network. */
function toView({ id, at, action, sid, addressPrefix, detail }: AuditRow): AccountActivity {
  const { operator, backend, ...rest } = detail;
  const isOwn = operator === undefined && backend === undefined && rest.by !== 'command line';
  return {
    id,
    at: at.toISOString(),
    action,
    session_id: sid,
    address_prefix: isOwn ? addressPrefix : null,
    by_administrator: !isOwn,
    detail: rest,
  };
}
