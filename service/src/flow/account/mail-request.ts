import { type OneTimeRequest, oneTimePurposes } from '../../domain/one-time-token/one-time-token.ts';
import { canonicalizeEmail } from '../../domain/user/canonical-email.ts';
import { identifierKey } from '../../domain/user/identifier.ts';
import type { FlowContext } from '../context.ts';
import { explainFailures } from '../explain-failures.ts';
import { unknownTenantCauses } from '../issue-code.ts';
import type { Client, MailSent } from '../types.ts';

type MailRequestContext = Pick<FlowContext, 'causes' | 'db' | 'hooks' | 'limits' | 'mail' | 'tenants'>;

/**
 * The tenant and the address of a request for a mail, without a look at any account.
 *
 * @throws mail_unavailable · tenant_unknown
 */
export async function parseMailRequest(
  { causes, db, hooks, limits, mail, tenants }: MailRequestContext,
  purpose: OneTimeRequest['purpose'],
  given: { readonly email: string; readonly tenant?: string | undefined },
  { address }: Client,
) {
  mail.assertAvailable(purpose);
  const email = canonicalizeEmail(given.email);
  const tenantId = await hooks.getTenantId({ tenant: given.tenant, email, address });
  const tenant = await explainFailures({ causes }, unknownTenantCauses, () => tenants.find(db, tenantId));
  const emailKey = identifierKey(email);
  const isMailed = await limits.mails.take({ tenantId, emailKey, address });
  return { tenant, request: { purpose, tenantId, email, emailKey, isMailed } };
}

/** The answer to every request for a mail, the same for each address. */
export function mailSent(purpose: OneTimeRequest['purpose']): MailSent {
  return { expires_in: oneTimePurposes[purpose] * 60 };
}
