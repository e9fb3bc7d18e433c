import { type OneTimePurpose, oneTimePurposes } from '../../domain/one-time-token/one-time-token.ts';
import { splitEmail } from '../../domain/user/canonical-email.ts';
import { toBrandedTenant } from '../brand-view.ts';
import type { FlowContext } from '../context.ts';
import type { Client } from '../types.ts';
import { limitMailProof } from './limit-mail-proof.ts';

const purposes = Object.keys(oneTimePurposes) as OneTimePurpose[];

/** What a link is for. Changes nothing, so that a mail scanner may ask as well. @throws link_invalid · rate_limited */
export async function inspectLink(
  context: Pick<FlowContext, 'causes' | 'databaseClock' | 'db' | 'limits' | 'oneTimeTokens' | 'tenants'>,
  { secret }: { readonly secret: string },
  { address }: Client,
) {
  const { databaseClock, db, oneTimeTokens, tenants } = context;
  await limitMailProof(context, (limits) => limits.takeInspection(address));
  const { purpose, tenantId, email, expiresAt } = await oneTimeTokens.findBySecret(db, secret, purposes);
  const tenant = await tenants.find(db, tenantId);
  return {
    purpose,
    email_hint: email === null ? null : hintOf(email),
    tenant: toBrandedTenant(tenant),
    expires_in: Math.max(0, Math.floor((expiresAt.getTime() - databaseClock.now()) / 1_000)),
  };
}

/** The first character and the domain. */
function hintOf(email: string): string {
  const [local, domain = ''] = splitEmail(email);
  return `${[...local][0] ?? ''}…@${domain}`;
}
