import { fail } from '@latchkey/contract';
import { canonicalLocale } from '../../base/locale.ts';
import type { Db } from '../../db/schema.ts';
import { assertDomainsAreVerified, parseAllowedDomains } from './allowed-domain.ts';
import { removeBrand, setBrand } from './brand-change.ts';
import { findLogo } from './brand-store.ts';
import {
  isTenantId,
  isTenantName,
  isValidLimit,
  isValidPasswordLength,
  isValidSessionCount,
  type NewTenant,
  type TenantUpdate,
} from './tenant.ts';
import {
  deleteTenant,
  findTenant,
  insertTenant,
  invalidateTenantCodes,
  listTenants,
  recordLimitsChange,
  updateTenant,
} from './tenant-store.ts';

export type Tenants = ReturnType<typeof createTenants>;

/**
 * @example
 * const { registrationOpen } = await createTenants().find(db, 'default');
 */
export function createTenants() {
  return Object.freeze({
    /** @throws tenant_unknown */
    async find(db: Db, id: string) {
      const tenant = isTenantId(id) ? await findTenant(db, id) : undefined;
      if (tenant === undefined) throw fail('tenant_unknown');
      return tenant;
    },
    /** Inside a transaction, so that a refused one is not stored. @throws invalid_request · identifier_taken */
    async create(db: Db, given: NewTenant) {
      assertTenant(given);
      const tenant = await insertTenant(db, toStored(given));
      assertDomainsAreVerified(tenant);
      return tenant;
    },
    /** Inside a transaction, so that a refused change is not stored. @throws tenant_unknown · invalid_request */
    async update(db: Db, id: string, change: TenantUpdate) {
      assertChange(change);
      const tenant = await updateTenant(db, id, toStored(change));
      if (tenant === undefined) throw fail('tenant_unknown');
      assertDomainsAreVerified(tenant);
      return tenant;
    },
    /** A disabled tenant without users and backends, in a transaction. @throws tenant_unknown · forbidden */
    async remove(tx: Db, id: string) {
      const tenant = await findTenant(tx, id);
      if (tenant === undefined) throw fail('tenant_unknown');
      if (id === 'default') throw fail('forbidden', { message: 'The tenant default cannot be deleted.' });
      if (tenant.disabledAt === null) throw fail('forbidden', { message: 'Disable this tenant first.' });
      await deleteTenant(tx, id);
    },
    /** Inside a transaction. @throws tenant_unknown · invalid_request */
    setBrand,
    /** Inside a transaction. @throws tenant_unknown */
    removeBrand,
    /** The image with this SHA-256, in hex. */
    findLogo,
    /** A page of tenants in the order of their ids, or the one of this id. @throws invalid_request the cursor */
    list: listTenants,
    /** Invalidates existing codes of its users. The caller ends the sessions that exist at the commit. */
    invalidateCodes: invalidateTenantCodes,
    /** Numbers this transaction's change of limits for all nodes. Has to be its last statement. */
    recordLimitsChange,
  });
}

function assertTenant({ id, ...rest }: NewTenant): void {
  const idRule = { path: 'id', message: 'Use lower-case letters, digits, - and _, at most 63.' };
  assertNone([!isTenantId(id) && idRule, ...findInvalidFields(rest)]);
}

function assertChange(change: TenantUpdate): void {
  assertNone(findInvalidFields(change));
}

/** Languages and domains in the one spelling of each. @throws invalid_request a domain */
function toStored<Change extends TenantUpdate>(change: Change): Change {
  const { locale, allowedDomains } = change;
  return {
    ...change,
    ...(typeof locale === 'string' ? { locale: canonicalLocale(locale) } : {}),
    ...(allowedDomains === undefined ? {} : { allowedDomains: parseAllowedDomains(allowedDomains) }),
  };
}

/** What is absent is no mistake. */
function findInvalidFields(change: TenantUpdate) {
  const { name, maxActiveMinutes = null, maxIdleMinutes = null } = change;
  const { passwordMinLength = null, maxSessions = null, locale = null } = change;
  const isName = name === undefined || isTenantName(name);
  return [
    !isName && { path: 'name', message: 'Use 1 to 200 characters.' },
    !isValidLimit(maxActiveMinutes) && { path: 'max_active_minutes', message: 'Use whole minutes, at least 1.' },
    !isValidLimit(maxIdleMinutes) && { path: 'max_idle_minutes', message: 'Use whole minutes, at least 1.' },
    !isValidPasswordLength(passwordMinLength) && { path: 'password_min_length', message: 'Use 8 to 64 characters.' },
    !isValidSessionCount(maxSessions) && { path: 'max_sessions', message: 'Use 1 to 1,000 sessions.' },
    locale !== null &&
      canonicalLocale(locale) === undefined && { path: 'locale', message: 'Use a language tag (BCP 47).' },
  ];
}

function assertNone(found: readonly (false | { path: string; message: string })[]): void {
  const details = found.filter((detail) => detail !== false);
  if (details.length > 0) throw fail('invalid_request', { details });
}
