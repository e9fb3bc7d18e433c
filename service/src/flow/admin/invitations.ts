import { type AdminInvitation, type AdminInvitationResponse, type CursorPage, fail } from '@latchkey/contract';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { AuditDetail } from '../../domain/audit/audit.ts';
import type { Invitation, InvitationQuery, NewInvitation } from '../../domain/invitation/invitation.ts';
import type { Tenant } from '../../domain/tenant/tenant.ts';
import { parseNewIdentifier } from '../../domain/user/identifier.ts';
import { assertTenantEnabled } from '../assert-may-sign-in.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, assertAllTenants, auditFields, canSee, isCommandLine, scopeToTenant } from './actor.ts';
import { listedTenant } from './listed-tenant.ts';

/** Whom to invite. */
export interface InvitationRequest
  extends Pick<NewInvitation, 'tenantId' | 'email' | 'name' | 'operator' | 'appMetadata'> {
  /** False: the answer has the link, and no mail is sent. */
  readonly isMailed: boolean;
}

type InviteContext = Pick<
  FlowContext,
  | 'audit'
  | 'databaseClock'
  | 'db'
  | 'hooks'
  | 'invitations'
  | 'links'
  | 'mail'
  | 'mailOutbox'
  | 'oneTimeTokens'
  | 'tenants'
  | 'users'
>;

/** Newest first. @throws tenant_unknown · invalid_request the cursor */
export async function listInvitations(
  context: Pick<FlowContext, 'databaseClock' | 'db' | 'invitations' | 'tenants'>,
  actor: Actor,
  filter: InvitationQuery,
): Promise<CursorPage<'invitations', AdminInvitation>> {
  const { invitations, databaseClock, db } = context;
  const tenantId = await listedTenant(context, actor, filter.tenantId);
  const { rows, next } = await invitations.list(db, { ...filter, tenantId });
  return { invitations: rows.map((row) => toView(row, databaseClock.now())), next_cursor: next };
}

/**
 * Invites an address into a tenant, also where registration is closed or the domain is not among the allowed ones: an
 * administrator has decided. Replaces an open invitation of the same mailbox.
 *
 * @throws tenant_unknown · tenant_disabled · identifier_taken · invalid_request · forbidden · mail_unavailable · managed_elsewhere
 */
export async function createInvitation(
  context: InviteContext,
  actor: Actor,
  input: InvitationRequest,
): Promise<AdminInvitationResponse> {
  const { databaseClock, db, links, tenants, users } = context;
  scopeToTenant(actor, input.tenantId);
  assertCanInvite(actor, input);
  if (context.hooks.managesUsers) throw fail('managed_elsewhere');
  const identifier = parseNewIdentifier(input.email);
  const tenant = await tenants.find(db, input.tenantId);
  assertTenantEnabled(tenant);
  assertLinkReaches(context, tenant, input);
  if ((await users.findByEmail(db, tenant.id, identifier.email)) !== undefined) throw fail('identifier_taken');
  const request = { ...input, email: identifier.email, emailKey: identifier.key };
  const { invitation, secret } = await withTransaction(
    db,
    ({ tx }) => storeInvitation(context, tx, actor, request),
    actor.deadline,
  );
  const view = toView(invitation, databaseClock.now());
  return input.isMailed ? { invitation: view } : { invitation: view, link: links.make('accept_invitation', secret) };
}

/** The flag of an operator comes from no backend. @throws forbidden */
function assertCanInvite(actor: Actor, { operator }: InvitationRequest): void {
  if (operator && actor.userId === null && !isCommandLine(actor))
    throw fail('forbidden', { message: 'Only operators may invite operators.' });
}

const noPage = 'no page takes the link of an invitation: set the option links (docs/run/mail.md)';

/** @throws invalid_request · mail_unavailable */
function assertLinkReaches(
  { links, mail }: InviteContext,
  { emailVerification }: Tenant,
  { isMailed }: InvitationRequest,
): void {
  if (isMailed) mail.assertAvailable('accept_invitation');
  else if (!links.has('accept_invitation')) throw fail('mail_unavailable', { detail: noPage });
  else if (emailVerification === 'required')
    throw invalid('send', 'This tenant requires a verified address: only a mail proves it.');
}

async function storeInvitation(
  context: InviteContext,
  tx: Transaction['tx'],
  actor: Actor,
  { emailKey, ...request }: InvitationRequest & { readonly emailKey: string },
): Promise<{ invitation: Invitation; secret: string }> {
  const { audit, invitations, mailOutbox, oneTimeTokens } = context;
  const { tenantId, email, isMailed } = request;
  for (const pending of await invitations.findPendingOfAddress(tx, request)) {
    assertMayEnd(actor, pending);
    await endInvitation(context, tx, actor, pending, { why: 'replaced' });
  }
  const token = { purpose: 'accept_invitation' as const, tenantId, email, emailKey };
  const { secret, tokenId, expiresAt } = await oneTimeTokens.issue(tx, token);
  const by = { invitedBy: actor.userId, isByCommandLine: isCommandLine(actor) };
  const invitation = await invitations.create(tx, { ...request, ...by, tokenId, expiresAt });
  const detail = { invitation: invitation.id, ...(request.operator ? { gives: 'operator' } : {}) };
  await audit.record(tx, { ...auditFields(actor, detail), action: 'invitation_created', tenantId });
  const mail = { tenantId, recipient: email, template: 'invitation' as const, tokenId, expiresAt };
  if (isMailed) await mailOutbox.enqueue(tx, { ...mail, data: { secret } });
  return { invitation, secret };
}

/** Ends an invitation, whose link is invalid from now on. @throws not_found also when it was accepted · forbidden */
export async function revokeInvitation(
  context: EndContext & Pick<FlowContext, 'db'>,
  actor: Actor,
  id: string,
): Promise<{ revoked: string }> {
  const found = await context.invitations.find(context.db, id);
  if (found === undefined || !canSee(actor, found.tenantId))
    throw fail('not_found', { message: 'There is no such invitation.' });
  assertMayEnd(actor, found);
  const isRevoked = await withTransaction(
    context.db,
    ({ tx }) => endInvitation(context, tx, actor, found),
    actor.deadline,
  );
  if (!isRevoked) throw fail('not_found', { message: 'The invitation was accepted or revoked before.' });
  return { revoked: id };
}

/** An invitation of an operator concerns all tenants. @throws forbidden */
function assertMayEnd(actor: Actor, { operator }: Pick<Invitation, 'operator'>): void {
  if (operator) assertAllTenants(actor);
}

type EndContext = Pick<FlowContext, 'audit' | 'invitations' | 'oneTimeTokens'>;

/** The token first, which a request that accepts the invitation waits for. */
async function endInvitation(
  { audit, invitations, oneTimeTokens }: EndContext,
  tx: Transaction['tx'],
  actor: Actor,
  { id, tenantId, tokenId }: Invitation,
  detail: AuditDetail = {},
): Promise<boolean> {
  if (tokenId !== null) await oneTimeTokens.cancel(tx, tokenId);
  const isRevoked = await invitations.revoke(tx, id);
  const audited = { ...auditFields(actor, { invitation: id, ...detail }), action: 'invitation_revoked' as const };
  if (isRevoked) await audit.record(tx, { ...audited, tenantId });
  return isRevoked;
}

function invalid(path: string, message: string) {
  return fail('invalid_request', { details: [{ path, message }] });
}

function stateOf({ acceptedAt, revokedAt, expiresAt }: Invitation, nowMs: number): AdminInvitation['state'] {
  if (acceptedAt !== null) return 'accepted';
  if (revokedAt !== null) return 'revoked';
  return expiresAt.getTime() <= nowMs ? 'expired' : 'open';
}

function toView(invitation: Invitation, nowMs: number): AdminInvitation {
  return {
    id: invitation.id,
    tenant_id: invitation.tenantId,
    state: stateOf(invitation, nowMs),
    email: invitation.email,
    name: invitation.name,
    operator: invitation.operator,
    app_metadata: { ...invitation.appMetadata },
    mailed: invitation.isMailed,
    invited_by: invitation.invitedBy,
    accepted_by: invitation.acceptedBy,
    created_at: invitation.createdAt.toISOString(),
    expires_at: invitation.expiresAt.toISOString(),
  };
}
