import { type AdminTenant, emailVerifications, sessionLimitPolicies } from '@latchkey/contract';
import type { FieldOptions, Values } from '../components/form.tsx';
import { words } from '../words/words.ts';
import type { TenantFields } from './console-api.ts';

const paths = [
  ...['id', 'name', 'max_active_minutes', 'max_idle_minutes', 'email_verification', 'password_min_length'],
  ...['allowed_domains', 'max_sessions', 'locale'],
];

/** What the forms of tenants have in common. */
export const tenantForm = {
  prefix: 'tenant',
  fieldOfPath: {
    ...Object.fromEntries(paths.map((name) => [name, name])),
    ...{ maxActiveMinutes: 'max_active_minutes', maxIdleMinutes: 'max_idle_minutes' },
  },
  fieldOfCode: { mail_unavailable: 'email_verification', identifier_taken: 'id' },
} as const;

function numberField(name: string, label: string, hint: string, initial: number | null | undefined): FieldOptions {
  return { name, label, type: 'number', hint, initial: String(initial ?? '') };
}

export function tenantFields(tenant: AdminTenant | undefined): readonly FieldOptions[] {
  const { console, tenants } = words();
  return [
    { name: 'name', label: console.name, type: 'text', missing: console.nameMissing, initial: tenant?.name ?? '' },
    {
      ...{ name: 'registration', label: tenants.registration, type: 'choices' },
      options: [['open', tenants.registrationByAll]],
      ticked: tenant?.registration_open === true ? ['open'] : [],
    },
    numberField('max_active_minutes', tenants.maxLifetime, tenants.limitHint, tenant?.max_active_minutes),
    numberField('max_idle_minutes', tenants.maxIdle, tenants.limitHint, tenant?.max_idle_minutes),
    ...policyFields(tenant),
  ];
}

function policyFields(tenant: AdminTenant | undefined): readonly FieldOptions[] {
  const { tenants } = words();
  return [
    {
      ...{ name: 'email_verification', label: tenants.verification, type: 'select' },
      options: emailVerifications.map((one) => [one, tenants.verifications[one]] as const),
      selected: tenant?.email_verification ?? 'off',
    },
    {
      ...{ name: 'email_sign_in', label: tenants.mailSignIn, type: 'choices' },
      options: [['on', tenants.mailSignInAllowed]],
      ticked: tenant?.email_sign_in === true ? ['on'] : [],
    },
    numberField('password_min_length', tenants.minLength, tenants.minLengthHint, tenant?.password_min_length),
    {
      ...{ name: 'allowed_domains', label: tenants.domains, type: 'text', hint: tenants.domainsHint },
      initial: tenant?.allowed_domains.join(' ') ?? '',
    },
    numberField('max_sessions', tenants.maxSessions, tenants.defaultHint, tenant?.max_sessions),
    {
      ...{ name: 'session_limit', label: tenants.sessionLimit, type: 'select' },
      options: sessionLimitPolicies.map((one) => [one, tenants.sessionLimits[one]] as const),
      selected: tenant?.session_limit ?? 'end_oldest',
    },
    { name: 'locale', label: tenants.locale, type: 'text', hint: tenants.localeHint, initial: tenant?.locale ?? '' },
  ];
}

export function newTenantFields(): readonly FieldOptions[] {
  const { id, idHint, idMissing } = words().tenants;
  return [{ name: 'id', label: id, type: 'text', missing: idMissing, hint: idHint }, ...tenantFields(undefined)];
}

const toNumber = (text = ''): number | null => (text === '' ? null : Number(text));

export function toTenant(values: Values): TenantFields {
  const domains = values.allowed_domains ?? '';
  return {
    name: values.name ?? '',
    registration_open: values.registration === 'open',
    max_active_minutes: toNumber(values.max_active_minutes),
    max_idle_minutes: toNumber(values.max_idle_minutes),
    email_verification: emailVerifications.find((one) => one === values.email_verification) ?? 'off',
    email_sign_in: values.email_sign_in === 'on',
    password_min_length: toNumber(values.password_min_length),
    allowed_domains: domains === '' ? [] : domains.split(/[\s,]+/),
    max_sessions: toNumber(values.max_sessions),
    session_limit: sessionLimitPolicies.find((one) => one === values.session_limit) ?? 'end_oldest',
    locale: values.locale || null,
  };
}

/** Name, and what was changed: to set a limit reads every live session of the tenant. */
export function toTenantPatch(values: Values, tenant: AdminTenant): Partial<TenantFields> {
  const { name, ...fields } = toTenant(values);
  const isSame = (field: string, value: unknown) =>
    JSON.stringify(tenant[field as keyof AdminTenant]) === JSON.stringify(value);
  return { name, ...Object.fromEntries(Object.entries(fields).filter(([field, value]) => !isSame(field, value))) };
}
