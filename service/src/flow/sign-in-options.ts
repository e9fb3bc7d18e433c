import { Failure, type SignInOptions } from '@latchkey/contract';
import { toBrandedTenant } from './brand-view.ts';
import type { FlowContext } from './context.ts';
import { explainFailures } from './explain-failures.ts';
import { unknownTenantCauses } from './issue-code.ts';

/** What the sign-in page of a tenant offers. Says nothing of any account. @throws tenant_unknown */
export async function getSignInOptions(
  context: Pick<FlowContext, 'causes' | 'config' | 'db' | 'mail' | 'tenants'>,
  { tenant = 'default' }: { readonly tenant?: string | undefined },
): Promise<SignInOptions> {
  const { config, db, tenants } = context;
  const found = await explainFailures(context, unknownTenantCauses, () => tenants.find(db, tenant));
  const isEnabled = found.disabledAt === null;
  const isMailAvailable = isEnabled && canMail(context);
  return {
    tenant: toBrandedTenant(found),
    registration_open: found.registrationOpen && isEnabled,
    email_sign_in: found.emailSignIn && isMailAvailable,
    mail_available: isMailAvailable,
    password_min_length: found.passwordMinLength ?? config.passwordMinLength,
  };
}

function canMail({ mail }: Pick<FlowContext, 'mail'>): boolean {
  try {
    mail.assertAvailable('reset_password');
    return true;
  } catch (error) {
    if (error instanceof Failure && error.code === 'mail_unavailable') return false;
    throw error;
  }
}
