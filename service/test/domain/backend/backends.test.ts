import { backendScopes } from '@latchkey/contract';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import { createBackends, hashSecret } from '../../../src/domain/backend/backends.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

onEachDatabase('createBackends', (database) => {
  const backends = createBackends();
  beforeEach(() => emptyTables(database()));
  const create = (more: object = {}) => backends.create(database().db, { name: 'Bank of Ada', ...more });
  const opens = async (id: string, secret: string) => {
    const verdict = await backends.authenticate(database().db, id, secret);
    return typeof verdict === 'string' ? verdict : 'done';
  };

  it('creates an id and a secret of 32 bytes that authenticate, and stores only a hash', async () => {
    const { backend, secret } = await create();
    expect(backend.id).to.match(/^bank-of-ada-[0-9a-f]{8}$/);
    expect(backend).to.deep.include({ tenantId: null, origins: [], disabledAt: null });
    expect(backend.scopes).to.deep.equal(backendScopes.filter((scope) => scope !== 'admin'));
    expect(Buffer.from(secret, 'base64url')).to.have.length(32);
    expect(await backends.authenticate(database().db, backend.id, secret)).to.deep.equal(backend);
    const { rows } = await sql<{ row: string }>`SELECT b::text AS row FROM backends b`.execute(database().db);
    expect(rows[0]!.row).not.to.contain(Buffer.from(secret).toString('hex'));
    expect(rows[0]!.row).not.to.contain(secret);
  });

  it('distinguishes an unknown id, a wrong secret and a disabled backend', async () => {
    const { backend, secret } = await create();
    expect(await opens('nobody', secret)).to.equal('unknown');
    expect(await opens("x' OR true --", secret)).to.equal('unknown');
    expect(await opens(backend.id, 'wrong')).to.equal('wrong_secret');
    expect(await opens(backend.id, '')).to.equal('wrong_secret');
    await sql`UPDATE backends SET disabled_at = now()`.execute(database().db);
    expect(await opens(backend.id, secret)).to.equal('disabled');
    expect(await opens(backend.id, 'wrong')).to.equal('disabled');
  });

  it('accepts the previous secret after a rotation until the next one', async () => {
    const first = await create();
    const { id } = first.backend;
    const second = await backends.rotate(database().db, id);
    expect(await opens(id, first.secret)).to.equal('done');
    expect(await opens(id, second.secret)).to.equal('done');
    const third = await backends.rotate(database().db, id);
    expect(await opens(id, first.secret)).to.equal('wrong_secret');
    expect(await opens(id, third.secret)).to.equal('done');
    expect(await codeOf(backends.rotate(database().db, 'nobody'))).to.equal('not_found');
  });

  it('confirms a credential while the backend is enabled and the secret is accepted', async () => {
    const [one, two] = [await create({ id: 'one' }), await create({ id: 'two' })];
    const credentials = [one, two].map(({ backend, secret }) => ({ id: backend.id, secretHash: hashSecret(secret) }));
    const wrong = { id: 'one', secretHash: hashSecret('wrong') };
    const found = async () =>
      (await backends.revalidate(database().db, [...credentials, wrong])).map((backend) => backend?.id);
    expect(await found()).to.deep.equal(['one', 'two', undefined]);
    await backends.rotate(database().db, 'one');
    expect(await found()).to.deep.equal(['one', 'two', undefined]);
    await backends.rotate(database().db, 'one');
    expect(await found()).to.deep.equal([undefined, 'two', undefined]);
    await sql`UPDATE backends SET disabled_at = now() WHERE id = 'two'`.execute(database().db);
    expect(await found()).to.deep.equal([undefined, undefined, undefined]);
  });

  it('lists in the order of creation, and removes once', async () => {
    const made = [await create({ id: 'one' }), await create({ id: 'two', tenantId: 'default', scopes: ['feed'] })];
    expect(await backends.list(database().db)).to.deep.equal(made.map(({ backend }) => backend));
    await backends.remove(database().db, 'one');
    expect(await opens('one', made[0]!.secret)).to.equal('unknown');
    expect(await codeOf(backends.remove(database().db, 'one'))).to.equal('not_found');
  });

  for (const [more, code] of [
    [{ id: 'Upper' }, 'invalid_request'],
    [{ name: '' }, 'invalid_request'],
    [{ scopes: ['root'] }, 'invalid_request'],
    [{ scopes: [] }, 'invalid_request'],
    [{ origins: ['https://a.example/path'] }, 'invalid_request'],
    [{ origins: ['https://*.com'] }, 'invalid_request'],
    [{ tenantId: 'nowhere' }, 'tenant_unknown'],
  ] as const) {
    it(`refuses ${JSON.stringify(more)}`, async () => {
      expect(await codeOf(create(more))).to.equal(code);
    });
  }

  it('stores origins in their canonical spelling', async () => {
    const { backend } = await create({ origins: ['https://A.example/', 'https://a.example:443', 'Ionic://localhost'] });
    expect(backend.origins).to.deep.equal(['https://a.example', 'ionic://localhost']);
  });

  it('refuses an existing id', async () => {
    await create({ id: 'one' });
    expect(await codeOf(create({ id: 'one' }))).to.equal('identifier_taken');
  });
});
