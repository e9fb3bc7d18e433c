import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { isDomainAllowed } from '../../../src/domain/tenant/allowed-domain.ts';
import { isTenantId, type TenantUpdate } from '../../../src/domain/tenant/tenant.ts';
import { createTenants } from '../../../src/domain/tenant/tenants.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

describe('isTenantId', () => {
  for (const id of ['default', 'a', '9-lives', 'a_b', 'a'.repeat(63)])
    it(`accepts ${id}`, () => expect(isTenantId(id)).to.equal(true));
  for (const id of ['', 'A', '-a', '_a', 'a b', 'a.b', 'a\n', 'a\0', 'ä', 'a'.repeat(64), '__proto__'])
    it(`refuses ${JSON.stringify(id)}`, () => expect(isTenantId(id)).to.equal(false));
});

describe('isDomainAllowed', () => {
  const allowedDomains = ['example.org', 'xn--bcher-kva.example'];
  const table: [email: string, allowed: boolean][] = [
    ['ann@example.org', true],
    ['ann@EXAMPLE.org', true],
    ['ann@bücher.example', true],
    ['ann@xn--bcher-kva.example', true],
    ['ann@mail.example.org', false],
    ['ann@badexample.org', false],
    ['ann@example.org.evil.example', false],
    ['example.org@evil.example', false],
    ['ann@example.org@evil.example', false],
    ['ann', false],
  ];
  for (const [email, allowed] of table)
    it(`${allowed ? 'accepts' : 'refuses'} ${email}`, () =>
      expect(isDomainAllowed({ allowedDomains }, email)).to.equal(allowed));
  it('accepts each domain when none is named', () =>
    expect(isDomainAllowed({ allowedDomains: [] }, 'ann@anywhere.example')).to.equal(true));
});

onEachDatabase('createTenants', (database) => {
  const db = () => database().db;
  const tenants = createTenants();
  beforeEach(() => emptyTables(database()));

  it('finds the default tenant with open registration and without limits', async () => {
    const found = await tenants.find(db(), 'default');
    expect(found).to.deep.include({
      id: 'default',
      registrationOpen: true,
      maxActiveMinutes: null,
      maxIdleMinutes: null,
    });
    expect(found.createdAt).to.be.instanceOf(Date);
  });

  it('creates a tenant with closed registration by default', async () => {
    const made = await tenants.create(db(), { id: 'acme', name: 'Acme', maxActiveMinutes: 60, maxIdleMinutes: 5 });
    expect(made).to.deep.include({
      id: 'acme',
      name: 'Acme',
      registrationOpen: false,
      maxActiveMinutes: 60,
      maxIdleMinutes: 5,
    });
    expect(await tenants.find(db(), 'acme')).to.deep.equal(made);
    expect(
      (await tenants.create(db(), { id: 'open', name: 'Open', registrationOpen: true })).registrationOpen,
    ).to.equal(true);
  });

  it('has policies that change nothing by default', async () => {
    const made = await tenants.create(db(), { id: 'acme', name: 'Acme' });
    const policies = {
      ...{ emailVerification: 'off', emailSignIn: false, passwordMinLength: null, allowedDomains: [] },
      ...{ maxSessions: null, sessionLimit: 'end_oldest', locale: null, disabledAt: null },
    };
    expect(made).to.deep.include(policies);
    expect(await tenants.find(db(), 'default')).to.deep.include(policies);
  });

  it('stores policies, with languages and domains in one spelling each', async () => {
    const given: Omit<TenantUpdate, 'name'> = {
      ...{ emailVerification: 'required', emailSignIn: true, passwordMinLength: 12, maxSessions: 3 },
      ...{ sessionLimit: 'refuse', locale: 'de-ch', allowedDomains: ['Bücher.example', 'EXAMPLE.org', 'example.org'] },
    };
    const stored = { ...given, locale: 'de-CH', allowedDomains: ['xn--bcher-kva.example', 'example.org'] };
    expect(await tenants.create(db(), { id: 'acme', name: 'Acme', ...given })).to.deep.include(stored);
    expect(await tenants.update(db(), 'default', given)).to.deep.include(stored);
    expect(await tenants.update(db(), 'default', { name: 'Other' })).to.deep.include(stored);
    const cleared = { passwordMinLength: null, maxSessions: null, locale: null, allowedDomains: [] };
    expect(await tenants.update(db(), 'default', cleared)).to.deep.include(cleared);
  });

  it('allows domains only where addresses have to be verified', async () => {
    const change = (update: object) =>
      codeOf(
        db()
          .transaction()
          .execute((tx) => tenants.update(tx, 'default', update)),
      );
    const allowedDomains = ['example.org'];
    for (const emailVerification of ['off', 'optional'])
      expect(await change({ allowedDomains, emailVerification })).to.equal('invalid_request');
    expect((await tenants.find(db(), 'default')).allowedDomains).to.deep.equal([]);
    expect(await change({ allowedDomains, emailVerification: 'required' })).to.equal('done');
    expect(await change({ emailVerification: 'optional' })).to.equal('invalid_request');
    expect(await change({ emailVerification: 'optional', allowedDomains: [] })).to.equal('done');
  });

  for (const id of ['nowhere', 'DEFAULT', 'a\0b', '']) {
    it(`rejects ${JSON.stringify(id)} with tenant_unknown`, async () => {
      expect(await codeOf(tenants.find(db(), id))).to.equal('tenant_unknown');
    });
  }

  const acme = { id: 'acme', name: 'Acme' };
  for (const change of [
    { id: 'A' },
    { name: '' },
    { name: 'a\0' },
    { maxActiveMinutes: 0 },
    { maxIdleMinutes: 1.5 },
    { maxActiveMinutes: -1 },
    { passwordMinLength: 7 },
    { passwordMinLength: 65 },
    { maxSessions: 0 },
    { maxSessions: 1.5 },
    { locale: 'no language' },
    { locale: '' },
    { allowedDomains: ['a b'], emailVerification: 'required' as const },
    { allowedDomains: ['ann@example.org'], emailVerification: 'required' as const },
    { allowedDomains: [''], emailVerification: 'required' as const },
  ]) {
    it(`refuses ${JSON.stringify(change)}`, async () => {
      expect(await codeOf(tenants.create(db(), { ...acme, ...change }))).to.equal('invalid_request');
    });
  }

  it('rejects an existing id', async () => {
    const codes = await Promise.all([1, 2, 3].map(() => codeOf(tenants.create(db(), acme))));
    expect(codes.sort()).to.deep.equal(['done', 'identifier_taken', 'identifier_taken']);
  });
});
