import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../../test-kit/codes.ts';
import { RepeatedMember } from '../../../../src/base/repeated-members.ts';
import { nilUuid } from '../../../../src/db/keyset.ts';
import { createAudit } from '../../../../src/domain/audit/audits.ts';
import { createPasswordHasher } from '../../../../src/domain/user/password-hasher.ts';
import { createPasswordRules } from '../../../../src/domain/user/password-rules.ts';
import { exportUsers } from '../../../../src/domain/user/transfer/user-export.ts';
import { countOutcomes, type ImportChunk, importUsers } from '../../../../src/domain/user/transfer/user-import.ts';
import { createUsers } from '../../../../src/domain/user/users.ts';
import { emptyTables, onEachDatabase } from '../../../databases.ts';

const bcrypt = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';

onEachDatabase('importUsers', (database) => {
  const db = () => database().db;
  const audit = createAudit();
  const users = createUsers({
    hasher: createPasswordHasher({ memoryInKib: 64, passes: 1 }),
    rules: createPasswordRules({ minLength: 8, isCommon: async () => false }),
  });
  const run = (rows: readonly unknown[], more: Partial<ImportChunk> = {}) =>
    importUsers(
      { db: db(), audit },
      { tenantId: 'default', rows, dryRun: false, allowWeakHashes: false, ...more },
      { detail: { by: 'test' } },
    );
  const importOne = async (row: unknown, more: Partial<ImportChunk> = {}) => (await run([row], more))[0]!;
  const audited = async () =>
    (await audit.list(db(), { action: 'users_imported' })).rows.map(({ detail, tenantId, userId }) => ({
      ...{ detail, tenantId, userId },
    }));
  const count = async () => (await sql<{ n: number }>`SELECT count(*) AS n FROM users`.execute(db())).rows[0]!.n;
  const lastAudit = async () =>
    (await sql<{ id: number }>`SELECT coalesce(max(id), 0) AS id FROM audit`.execute(db())).rows[0]!.id;

  beforeEach(() => emptyTables(database()));

  it('stores everything that a row says, and lets the user sign in with the password', async () => {
    const id = randomUUID();
    const created = await importOne({
      ...{ id, email: ' Ann@xn--bcher-kva.example', email_verified: true, external_id: 'old-7', name: 'Ann A.' },
      ...{ picture: 'https://a.test/p.png', locale: 'de-at', profile: { a: 1 }, user_metadata: { theme: 'dark' } },
      ...{ app_metadata: { roles: ['admin'] }, password_hash: bcrypt, created_at: '2019-05-01T10:00:00+02:00' },
    });
    expect(created).to.deep.equal({ outcome: 'created', id });
    const user = await users.authenticate(db(), {
      tenantId: 'default',
      email: 'ann@b\u00fccher.example',
      password: 'U*U',
    });
    expect(user).to.deep.include({
      ...{ id, tenantId: 'default', email: 'Ann@b\u00fccher.example', externalId: 'old-7', name: 'Ann A.' },
      ...{ picture: 'https://a.test/p.png', locale: 'de-AT', profile: { a: 1 }, userMetadata: { theme: 'dark' } },
      ...{ appMetadata: { roles: ['admin'] }, operator: false, disabledAt: null, passwordChangeRequired: false },
    });
    expect(user.createdAt.toISOString()).to.equal('2019-05-01T08:00:00.000Z');
    expect(user.emailVerifiedAt).to.be.instanceOf(Date);
  });

  it('stores a disabled user as disabled, and a user without a password', async () => {
    await run([{ email: 'a@x.org', disabled: true, password_hash: bcrypt }, { external_id: 'old-8' }]);
    const ann = { tenantId: 'default', email: 'a@x.org' };
    expect(await codeOf(users.authenticate(db(), { ...ann, password: 'U*U' }))).to.equal('user_disabled');
    expect(await count()).to.equal(2);
  });

  it('reports each row in its order, with the ids of the users who exist, and changes none of those', async () => {
    const [first] = await run([{ email: 'ann@x.org', external_id: 'e1', name: 'Ann' }]);
    const { id } = first as { id: string };
    const outcomes = await run([
      { email: 'bob@x.org' },
      { email: 'ANN@x.org', name: 'Eve', app_metadata: { roles: ['admin'] }, password_hash: bcrypt },
      { email: 'eve@x.org', external_id: 'e1' },
      { email: 'no address' },
      { id, email: 'carl@x.org' },
      { email: 'Bob@x.org' },
      'no object',
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal([
      ...['created', 'exists', 'exists', 'invalid', 'exists', 'exists', 'invalid'],
    ]);
    const bob = (outcomes[0] as { id: string }).id;
    expect(outcomes.slice(1, 6).map((one) => ('id' in one ? one.id : null))).to.deep.equal([id, id, null, id, bob]);
    expect(await users.find(db(), id)).to.deep.include({ name: 'Ann', appMetadata: {}, email: 'ann@x.org' });
    expect(countOutcomes(outcomes)).to.deep.equal({ created: 1, exists: 4, invalid: 2 });
    expect(await count()).to.equal(2);
  });

  it('refuses a row with a member twice, and stores the others', async () => {
    const [refused, stored] = await run([new RepeatedMember(['profile', 'a']), { email: 'ann@x.org' }]);
    const details = [{ path: 'profile.a', message: 'is there twice' }];
    expect(refused).to.deep.equal({ outcome: 'invalid', details });
    expect(stored).to.include({ outcome: 'created' });
  });

  it('refuses the id of a deleted user, and that of a user of another tenant, with the same words', async () => {
    await sql`INSERT INTO tenants (id, name) VALUES ('other', 'Other') ON CONFLICT DO NOTHING`.execute(db());
    const [foreign, deleted] = [randomUUID(), randomUUID()];
    await run([{ id: foreign, email: 'ann@x.org' }], { tenantId: 'other' });
    await run([{ id: deleted, email: 'bob@x.org' }]);
    await users.delete(db(), deleted);
    const outcomes = await run([
      { id: foreign, email: 'carl@x.org' },
      { id: deleted, email: 'dora@x.org' },
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(['invalid', 'invalid']);
    expect(outcomes[0]).to.deep.equal(outcomes[1]);
    expect(await importOne({ email: 'carl@x.org' })).to.include({ outcome: 'created' });
  });

  it('finds the account of a mailbox whose domain was stored in its ASCII form', async () => {
    const { id } = await users.register(db(), { tenantId: 'default', email: 'ann@x.org', password: 'correct horse' });
    const spelling = 'ann@xn--bcher-kva.example';
    await sql`UPDATE users SET email = ${spelling}, email_key = ${spelling}`.execute(db());
    for (const email of ['ann@b\u00fccher.example', spelling])
      expect(await importOne({ email })).to.deep.equal({ outcome: 'exists', id });
  });

  it('refuses an address that looks like that of another account', async () => {
    await importOne({ email: 'r\u00f6rn@example.org' });
    const { outcome, details } = (await importOne({ email: 'r\u00f6m@example.org' })) as {
      outcome: string;
      details?: object[];
    };
    expect([outcome, details]).to.deep.equal([
      'invalid',
      [{ path: 'email', message: 'There is an account with an address that looks the same.' }],
    ]);
  });

  const refused: Readonly<Record<string, readonly [row: unknown, path: string]>> = {
    'the operator mark': [{ email: 'a@x.org', operator: true }, 'operator'],
    'neither address nor external id': [{ name: 'Ann' }, 'email'],
    'an address that mixes scripts': [{ email: 'p\u0430ypal@x.org' }, 'email'],
    'a picture without TLS': [{ email: 'a@x.org', picture: 'http://a.test/p.png' }, 'picture'],
    'a script as a picture': [{ email: 'a@x.org', picture: 'javascript:alert(1)' }, 'picture'],
    'no language': [{ email: 'a@x.org', locale: 'no language' }, 'locale'],
    'a NUL': [{ email: 'a@x.org', user_metadata: { a: ['\0'] } }, 'user_metadata'],
    'half a surrogate pair': [{ email: 'a@x.org', name: '\ud800' }, 'name'],
    'a line end in a name': [{ email: 'a@x.org', name: 'Ann\nEve' }, 'name'],
    'metadata beyond 16 KB': [{ email: 'a@x.org', app_metadata: { a: 'x'.repeat(16_400) } }, 'app_metadata'],
    'metadata of many levels': [
      { email: 'a@x.org', profile: JSON.parse(`${'{"a":'.repeat(9)}1${'}'.repeat(9)}`) },
      'profile',
    ],
    'an array as metadata': [{ email: 'a@x.org', profile: [] }, 'profile'],
    'a time before 1970': [{ email: 'a@x.org', created_at: '0000-01-01T00:00:00Z' }, 'created_at'],
    'a time after the year 9999': [{ email: 'a@x.org', created_at: '9999-12-31T23:59:59-23:59' }, 'created_at'],
    'no time': [{ email: 'a@x.org', created_at: 'yesterday' }, 'created_at'],
    'no UUID': [{ email: 'a@x.org', id: 'u1' }, 'id'],
    'an unknown hash': [{ email: 'a@x.org', password_hash: 'plain' }, 'password_hash'],
    'a weak hash': [{ email: 'a@x.org', password_hash: 'md5$salt$3f86d0d3d465b7b458c231bf3555c0e3' }, 'password_hash'],
    'a hash of 4 GiB': [
      { email: 'a@x.org', password_hash: '$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5Q' },
      'password_hash',
    ],
    'a text in place of a flag': [{ email: 'a@x.org', email_verified: 'true' }, 'email_verified'],
    null: [null, ''],
    'an array': [[], ''],
  };
  for (const [title, [row, path]] of Object.entries(refused))
    it(`refuses a row with ${title}, and stores the others`, async () => {
      const [first, second] = await run([row, { email: 'b@x.org' }]);
      expect(first).to.include({ outcome: 'invalid' });
      expect((first as { details: readonly { path: string }[] }).details.map((detail) => detail.path)).to.deep.equal([
        path,
      ]);
      expect(second).to.include({ outcome: 'created' });
    });

  it('takes a weak hash when that is allowed', async () => {
    const row = { email: 'a@x.org', password_hash: 'md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3' };
    expect(await importOne(row, { allowWeakHashes: true })).to.include({ outcome: 'created' });
    const ann = { tenantId: 'default', email: 'a@x.org', password: 'l\u00e8tmein' };
    expect(await users.authenticate(db(), ann)).to.include({ email: 'a@x.org' });
  });

  it('proves no address that is not there, and takes nulls for what is not known', async () => {
    await run([
      { external_id: 'e', email: null, email_verified: true, name: null, password_hash: null, profile: null },
    ]);
    const { rows } = await sql<object>`SELECT email_verified_at, password_hash, profile FROM users`.execute(db());
    expect(rows).to.deep.equal([{ email_verified_at: null, password_hash: null, profile: {} }]);
  });

  it('stores nothing in a dry run, and says the same', async () => {
    const before = await lastAudit();
    const rows = [{ email: 'a@x.org' }, { email: 'A@x.org' }, { email: '?' }];
    const outcomes = await run(rows, { dryRun: true });
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(['created', 'exists', 'invalid']);
    expect([await count(), await lastAudit()]).to.deep.equal([0, before]);
  });

  it('records counts alone in the audit, and nothing when nothing was created', async () => {
    const before = await lastAudit();
    await run([{ email: 'a@x.org' }, { email: '?' }]);
    await run([{ email: 'a@x.org' }]);
    expect((await lastAudit()) - before).to.equal(1);
    const detail = { by: 'test', created: 1, exists: 0, invalid: 1 };
    expect((await audited())[0]).to.deep.equal({ detail, tenantId: 'default', userId: null });
  });

  it('stores one account of an address that is imported twice at once', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => ({ email: `u${n}@x.org` }));
    const all = (await Promise.all([run(rows), run(rows.toReversed())])).flat();
    expect(countOutcomes(all)).to.deep.equal({ created: 20, exists: 20, invalid: 0 });
  });

  it('rejects an unknown tenant', async () => {
    expect(await codeOf(run([{ email: 'a@x.org' }], { tenantId: 'nowhere' }))).to.equal('tenant_unknown');
  });

  it('exports what it imports, hashes only when asked for, and no operator mark', async () => {
    const row = {
      ...{ id: randomUUID(), email: 'ann@x.org', email_verified: true, external_id: 'e1', name: 'Ann', picture: null },
      ...{ locale: 'de', profile: { a: 1 }, user_metadata: {}, app_metadata: { roles: ['x'] } },
      ...{ password_change_required: true, disabled: true, created_at: '2020-01-01T00:00:00.000Z' },
    };
    await run([{ ...row, password_hash: bcrypt }]);
    await sql`UPDATE users SET operator = true`.execute(db());
    const page = { tenantId: 'default', after: nilUuid };
    expect(await exportUsers(db(), { ...page, withSecrets: false })).to.deep.equal({ users: [row], last: null });
    const { users: secret } = await exportUsers(db(), { ...page, withSecrets: true });
    expect(secret).to.deep.equal([{ ...row, password_hash: bcrypt }]);
    await emptyTables(database());
    expect(await run(secret)).to.deep.equal([{ outcome: 'created', id: row.id }]);
  });

  it('exports page after page, and no deleted user', async () => {
    const rows = Array.from({ length: 400 }, (_, n) => ({ email: `u${n}@x.org` }));
    await run(rows);
    await run(rows.map(({ email }) => ({ email: `v${email}` })));
    await sql`UPDATE users SET email = NULL, email_key = NULL, deleted_at = now() WHERE email = 'u7@x.org'`.execute(
      db(),
    );
    const found = new Set<unknown>();
    for (let after: string | null = nilUuid; after !== null; ) {
      const page: Awaited<ReturnType<typeof exportUsers>> = await exportUsers(db(), {
        tenantId: 'default',
        after,
        withSecrets: false,
      });
      for (const { email } of page.users) found.add(email);
      after = page.last;
    }
    expect(found.size).to.equal(799);
  });
});
