import { fail } from '@latchkey/contract';
import { toASCII } from 'tr46';
import type { Tenant } from './tenant.ts';

/** UTS 46 with the checks of IDNA 2008, and the lengths of the DNS. */
const idna = {
  checkBidi: true,
  checkHyphens: true,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
  verifyDNSLength: true,
};

/** Most domains that a tenant can name. */
const maxDomains = 100;

/** The domain in A-labels and lower case, so that each domain has one spelling; `undefined`: it is none. */
function toAsciiDomain(domain: string): string | undefined {
  return toASCII(domain, idna) ?? undefined;
}

/**
 * The domains as they are stored.
 *
 * @throws invalid_request
 */
export function parseAllowedDomains(domains: readonly string[]): readonly string[] {
  const parsed = domains.map(toAsciiDomain);
  if (domains.length > maxDomains) throw invalidDomains(`Use at most ${maxDomains} domains.`);
  const at = parsed.indexOf(undefined);
  if (at >= 0) throw invalidDomains(`${JSON.stringify(domains[at])} is not a domain.`);
  return [...new Set(parsed as string[])];
}

/** Whether an address may sign up in the tenant: the whole domain behind its last @ is compared, so that no subdomain fits. */
export function isDomainAllowed({ allowedDomains }: Pick<Tenant, 'allowedDomains'>, email: string): boolean {
  if (allowedDomains.length === 0) return true;
  const domain = toAsciiDomain(email.slice(email.lastIndexOf('@') + 1));
  return domain !== undefined && allowedDomains.includes(domain);
}

/** @throws domain_not_allowed */
export function assertDomainAllowed(tenant: Pick<Tenant, 'allowedDomains'>, email: string): void {
  if (!isDomainAllowed(tenant, email)) throw fail('domain_not_allowed');
}

/** An address that is not verified may be made up. @throws invalid_request */
export function assertDomainsAreVerified(tenant: Pick<Tenant, 'allowedDomains' | 'emailVerification'>): void {
  if (tenant.allowedDomains.length > 0 && tenant.emailVerification !== 'required')
    throw invalidDomains(
      'Set email_verification to required as well: an address that is not verified proves no domain.',
    );
}

function invalidDomains(message: string) {
  return fail('invalid_request', { details: [{ path: 'allowed_domains', message }] });
}
