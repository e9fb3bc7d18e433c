import type { AdminTenant, AdminUser } from '@latchkey/contract';
import { expect } from 'chai';
import { newTenantFields, toTenant, toTenantPatch } from '../../src/console/tenant-form.ts';
import { toPatch } from '../../src/console/user-form.ts';
import { useEnglish } from '../english.ts';

useEnglish();

const user: AdminUser = {
  ...{ id: '1', tenant_id: 'default', email: 'ann@example.org', email_verified: true, external_id: null },
  ...{ name: 'Ann', picture: null, locale: null, profile: {}, user_metadata: {}, app_metadata: { role: 'teller' } },
  ...{ password_change_required: false, operator: false, disabled_at: null, created_at: '2026-01-01T00:00:00Z' },
};
const userValues = {
  ...{ email: 'ann@example.org', name: 'Ann', picture: '', locale: '', app_metadata: '{ "role": "teller" }' },
  ...{ user_metadata: '', flags: 'verified' },
};

describe('toPatch', () => {
  it('is empty when nothing was changed', () => expect(toPatch(user, userValues)).to.deep.equal({}));

  it('has what was changed, and null for what was emptied', () => {
    const values = { ...userValues, name: '', locale: 'de', app_metadata: '', flags: 'password' };
    expect(toPatch(user, values)).to.deep.equal({
      ...{ name: null, locale: 'de', app_metadata: {}, email_verified: false, password_change_required: true },
    });
    expect(toPatch(user, { ...userValues, email: 'new@example.org' })).to.deep.equal({ email: 'new@example.org' });
  });

  it('has the picture and the metadata of the user', () => {
    const values = { ...userValues, picture: 'https://example.org/ann.png', user_metadata: '{"theme":"dark"}' };
    expect(toPatch(user, values)).to.deep.equal({
      ...{ picture: 'https://example.org/ann.png', user_metadata: { theme: 'dark' } },
    });
    const emptied = toPatch({ ...user, picture: 'https://example.org/ann.png', user_metadata: { a: 1 } }, userValues);
    expect(emptied).to.deep.equal({ picture: null, user_metadata: {} });
  });

  it('leaves out address and state of a user who is managed elsewhere', () => {
    const { email: _e, flags: _f, ...values } = userValues;
    expect(toPatch(user, values)).to.deep.equal({});
  });

  for (const name of ['app_metadata', 'user_metadata'])
    for (const text of ['{role}', '["teller"]', '"teller"', 'null'])
      it(`refuses ${text} as ${name}, beside its field`, () =>
        expect(() => toPatch(user, { ...userValues, [name]: text }))
          .to.throw()
          .with.deep.nested.property('details[0].path', name));
});

const tenant: AdminTenant = {
  ...{ id: 'shop', name: 'Shop', registration_open: true, max_active_minutes: null, max_idle_minutes: 60 },
  ...{ active_minutes: 720, idle_minutes: 60, email_verification: 'required', email_sign_in: false },
  ...{ password_min_length: 12, allowed_domains: ['example.org'], max_sessions: null, session_limit: 'refuse' },
  ...{ locale: null, brand: null, created_at: '2026-01-01T00:00:00Z', disabled_at: null },
};
const tenantValues = {
  ...{ name: 'Shop', registration: 'open', max_active_minutes: '', max_idle_minutes: '60', email_sign_in: '' },
  ...{ email_verification: 'required', password_min_length: '12', allowed_domains: 'example.org', max_sessions: '' },
  ...{ session_limit: 'refuse', locale: '' },
};

describe('toTenantPatch', () => {
  it('has the name alone when nothing was changed', () =>
    expect(toTenantPatch(tenantValues, tenant)).to.deep.equal({ name: 'Shop' }));

  it('has what was changed', () => {
    const values = {
      ...tenantValues,
      max_idle_minutes: '',
      allowed_domains: 'example.org,  example.com',
      locale: 'de',
    };
    expect(toTenantPatch(values, tenant)).to.deep.equal({
      ...{ name: 'Shop', max_idle_minutes: null, locale: 'de', allowed_domains: ['example.org', 'example.com'] },
    });
  });

  it('writes each field that the form has', () => {
    const written = new Set([...Object.keys(toTenant(tenantValues)), 'id', 'registration']);
    expect(newTenantFields().filter(({ name }) => !written.has(name))).to.deep.equal([]);
  });
});
