import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { isTenantId } from '../../../src/domain/tenant/tenant.ts';
import { createTenants } from '../../../src/domain/tenant/tenants.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

describe('isTenantId', () => {
  for (const id of ['default', 'a', '9-lives', 'a_b', 'a'.repeat(63)])
    it(`accepts ${id}`, () => expect(isTenantId(id)).to.equal(true));
  for (const id of ['', 'A', '-a', '_a', 'a b', 'a.b', 'a\n', 'a\0', 'ä', 'a'.repeat(64), '__proto__'])
    it(`refuses ${JSON.stringify(id)}`, () => expect(isTenantId(id)).to.equal(false));
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
