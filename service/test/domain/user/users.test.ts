import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import sinon from 'sinon';
import { codeOf } from '../../../../test-kit/codes.ts';
import { withTransaction } from '../../../src/db/transaction.ts';
import { toStoredHash } from '../../../src/domain/user/hash/foreign-hash.ts';
import { createPasswordHasher, type PasswordHasher } from '../../../src/domain/user/password-hasher.ts';
import { createPasswordRules } from '../../../src/domain/user/password-rules.ts';
import { createUsers } from '../../../src/domain/user/users.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

const hasher = createPasswordHasher({ memoryInKib: 64, passes: 1, maxWaiting: 500 });
const rules = createPasswordRules({ minLength: 8, isCommon: async (password) => password === 'password1' });
const password = 'correct horse';
const ann = { tenantId: 'default', email: 'Ann@Example.org', password };

onEachDatabase('createUsers', (database) => {
  const db = () => database().db;
  const users = createUsers({ hasher, rules });
  const withHasher = (changes: Partial<PasswordHasher>) => createUsers({ hasher: { ...hasher, ...changes }, rules });
  const storedHash = async (id: string) =>
    (await db().selectFrom('users').select('password_hash').where('id', '=', id).executeTakeFirstOrThrow())
      .password_hash!;
  const storedVersion = async (id: string) => (await users.find(db(), id))!.credentialVersion;

  beforeEach(() => emptyTables(database()));

  describe('register', () => {
    it('creates a user who can sign in', async () => {
      const user = await users.register(db(), { ...ann, profile: { name: 'Ann', roles: ['a'] } });
      expect(user).to.deep.include({
        tenantId: 'default',
        email: 'Ann@example.org',
        externalId: null,
        operator: false,
      });
      expect(user).to.deep.include({ profile: { name: 'Ann', roles: ['a'] }, credentialVersion: 1, disabledAt: null });
      expect(user.createdAt).to.be.instanceOf(Date);
      expect(user).to.be.frozen;
      expect(await users.authenticate(db(), ann)).to.deep.equal(user);
      expect(await users.find(db(), user.id)).to.deep.equal(user);
    });

    it('stores a hash, and never the password', async () => {
      const { id } = await users.register(db(), ann);
      const row = await db().selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      expect(row.password_hash).to.match(/^\$argon2id\$/);
      expect(JSON.stringify(row)).not.to.contain(password);
    });

    for (const twin of ['ann@example.org', 'ANN@EXAMPLE.ORG', ' ann@example.org\n', '\uff21nn@example.org']) {
      it(`rejects ${JSON.stringify(twin)} with identifier_taken`, async () => {
        await users.register(db(), ann);
        expect(await codeOf(users.register(db(), { ...ann, email: twin }))).to.equal('identifier_taken');
      });
    }

    it('refuses an address that looks like that of another account beyond ASCII', async () => {
      await users.register(db(), { ...ann, email: 'r\u00f6rn@example.org' });
      const refused = await users.register(db(), { ...ann, email: 'r\u00f6m@example.org' }).catch((error) => error);
      expect(refused).to.include({ code: 'identifier_taken' });
      expect(refused.message).to.contain('looks the same');
      await db().insertInto('tenants').values({ id: 'other', name: 'Other' }).execute();
      await users.register(db(), { ...ann, email: 'r\u00f6m@example.org', tenantId: 'other' });
    });

    it('accepts ASCII addresses that look the same, each for its own account', async () => {
      const one = await users.register(db(), { ...ann, email: 'modem1@example.org' });
      const two = await users.register(db(), { ...ann, email: 'modeml@example.org' });
      expect((await users.authenticate(db(), { ...ann, email: 'modem1@example.org' })).id).to.equal(one.id);
      expect((await users.authenticate(db(), { ...ann, email: 'modeml@example.org' })).id).to.equal(two.id);
    });

    it('accepts an ASCII address that only looks like the one of an older account', async () => {
      const { id } = await users.register(db(), { ...ann, email: 'bob@example.org' });
      const look = '\u0131van@example.org';
      await sql`UPDATE users SET email = ${look}, email_key = ${look} WHERE id = ${id}`.execute(db());
      const ivan = await users.register(db(), { ...ann, email: 'ivan@example.org' });
      expect((await users.authenticate(db(), { ...ann, email: 'ivan@example.org' })).id).to.equal(ivan.id);
      expect((await users.authenticate(db(), { ...ann, email: look })).id).to.equal(id);
    });

    it('registers an address for exactly one of many concurrent callers', async () => {
      const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(users.register(db(), ann))));
      expect(codes.filter((code) => code === 'done')).to.have.length(1);
      expect(codes.filter((code) => code === 'identifier_taken')).to.have.length(7);
    });

    it('registers the same address in two tenants', async () => {
      await db().insertInto('tenants').values({ id: 'other', name: 'Other' }).execute();
      await users.register(db(), ann);
      const second = await users.register(db(), { ...ann, tenantId: 'other', password: 'another horse' });
      expect((await users.authenticate(db(), { ...ann, tenantId: 'other', password: 'another horse' })).id).to.equal(
        second.id,
      );
      expect(await codeOf(users.authenticate(db(), { ...ann, tenantId: 'other' }))).to.equal('invalid_credentials');
    });

    const refused = {
      weak_password: [{ password: 'short' }, { password: 'password1' }, { password: 'ann@example.ORG' }],
      invalid_request: [{ email: 'nobody' }, { email: 'an n@example.org' }, { profile: { name: 'a\0b' } }],
      tenant_unknown: [{ tenantId: 'nowhere' }],
    };
    for (const [code, changes] of Object.entries(refused)) {
      for (const change of changes) {
        it(`rejects ${JSON.stringify(change)} with ${code}`, async () => {
          expect(await codeOf(users.register(db(), { ...ann, ...change }))).to.equal(code);
        });
      }
    }

    it('stores names that objects inherit as data of the profile', async () => {
      const profile = JSON.parse('{"__proto__":{"operator":true},"operator":true,"constructor":1}');
      const user = await users.register(db(), { ...ann, profile });
      expect(user.operator).to.equal(false);
      expect(({} as Record<string, unknown>).operator).to.equal(undefined);
    });
  });

  describe('authenticate', () => {
    it('replaces the hash of another system at the first right password, and not at a wrong one', async () => {
      const { id } = await users.register(db(), ann);
      const imported = toStoredHash('pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0=');
      await db().updateTable('users').set({ password_hash: imported }).where('id', '=', id).execute();
      const theirs = { ...ann, password: 'l\u00e8tmein' };
      expect(await codeOf(users.authenticate(db(), ann))).to.equal('invalid_credentials');
      expect(await storedHash(id)).to.equal(imported);
      expect(await users.authenticate(db(), theirs)).to.include({ id });
      expect(await storedHash(id)).to.match(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
      expect(await storedVersion(id)).to.equal(1);
      expect(await users.authenticate(db(), theirs)).to.include({ id });
    });

    it('asks for the hashes that are present after a wrong password, whether there is the account or not', async () => {
      let asked = 0;
      const readPresentHashes = async () => [String(++asked)];
      const asking = createUsers({ hasher, rules, readPresentHashes });
      await asking.register(db(), ann);
      await asking.authenticate(db(), ann);
      expect(asked).to.equal(0);
      await codeOf(asking.authenticate(db(), { ...ann, password: 'another horse' }));
      await codeOf(asking.authenticate(db(), { ...ann, email: 'bob@example.org' }));
      expect(asked).to.equal(2);
    });

    for (const [what, email] of [
      ['a bold letter of mathematics', '\u{1d400}nn@example.org'],
      ['a ligature in the domain', 'ann@e\ufb01.org'],
      ['a Cyrillic letter', '\u0430nn@example.org'],
    ] as const) {
      it(`finds no account by its address with ${what}`, async () => {
        await users.register(db(), ann);
        expect(await codeOf(users.authenticate(db(), { ...ann, email }))).to.equal('invalid_credentials');
        expect(await users.findByEmail(db(), 'default', email)).to.equal(undefined);
      });
    }

    it('finds one account by all spellings of its mailbox', async () => {
      const { id } = await users.register(db(), { ...ann, email: 'ann@b\u00fccher.example' });
      for (const email of [' ann@b\u00fccher.example\n', 'Ann@xn--bcher-kva.example', '\uff21nn@bu\u0308cher.example'])
        expect((await users.authenticate(db(), { ...ann, email })).id).to.equal(id);
      const twin = users.register(db(), { ...ann, email: 'ann@xn--bcher-kva.example' });
      expect(await codeOf(twin)).to.equal('identifier_taken');
    });

    it('accepts every spelling of the address and of the password', async () => {
      const { id } = await users.register(db(), { ...ann, password: 'p\u00e4sswort lang' });
      const found = await users.authenticate(db(), {
        ...ann,
        email: 'aNN@example.ORG',
        password: 'pa\u0308sswort lang',
      });
      expect(found.id).to.equal(id);
    });

    for (const change of [
      { password: 'wrong horse' },
      { email: 'bob@example.org' },
      { email: 'not an address' },
      { email: 'a\0@b' },
      { tenantId: 'nowhere' },
    ]) {
      it(`does the work of one hash and rejects with invalid_credentials for ${JSON.stringify(change)}`, async () => {
        await users.register(db(), ann);
        const verify = sinon.spy(hasher.verify);
        expect(await codeOf(withHasher({ verify }).authenticate(db(), { ...ann, ...change }))).to.equal(
          'invalid_credentials',
        );
        sinon.assert.calledOnce(verify);
      });
    }

    for (const [what, bad] of [
      ['over-long', 'x'.repeat(60_000)],
      ['malformed', 'a\ud800'],
      ['empty', ''],
    ]) {
      it(`rejects an ${what} password with invalid_credentials, also for an unknown user`, async () => {
        await users.register(db(), ann);
        for (const email of [ann.email, 'bob@example.org'])
          expect(await codeOf(users.authenticate(db(), { ...ann, email, password: bad! }))).to.equal(
            'invalid_credentials',
          );
      });
    }

    it('does not truncate passwords', async () => {
      await users.register(db(), { ...ann, password: 'x'.repeat(1_024) });
      expect(await codeOf(users.authenticate(db(), { ...ann, password: 'x'.repeat(1_023) }))).to.equal(
        'invalid_credentials',
      );
    });

    it('rejects with user_disabled only after the right password', async () => {
      const { id } = await users.register(db(), ann);
      await users.disable(db(), id);
      expect(await codeOf(users.authenticate(db(), ann))).to.equal('user_disabled');
      expect(await codeOf(users.authenticate(db(), { ...ann, password: 'wrong horse' }))).to.equal(
        'invalid_credentials',
      );
    });

    it('hashes the password again only when the parameters have changed', async () => {
      const { id } = await users.register(db(), ann);
      const before = await storedHash(id);
      await users.authenticate(db(), ann);
      expect(await storedHash(id)).to.equal(before);
      const stronger = createUsers({ hasher: createPasswordHasher({ memoryInKib: 128, passes: 2 }), rules });
      expect((await stronger.authenticate(db(), ann)).credentialVersion).to.equal(1);
      expect(await storedHash(id)).to.contain('m=128,t=2,p=1');
      await stronger.authenticate(db(), ann);
    });

    it('accepts a login when the queue of hashes is full', async () => {
      const { id } = await users.register(db(), ann);
      const before = await storedHash(id);
      const full = createPasswordHasher({ memoryInKib: 64, passes: 1, maxWaiting: 0 });
      const busy = withHasher({ isOutdated: () => true, hash: full.hash });
      expect((await busy.authenticate(db(), ann)).id).to.equal(id);
      expect(await storedHash(id)).to.equal(before);
    });

    it('does not restore an old password during its change', async () => {
      const user = await users.register(db(), ann);
      const next = await users.hashNewPassword('another horse', user);
      const slow = withHasher({
        isOutdated: () => true,
        async hash(text) {
          await users.changePassword(db(), user, next);
          return hasher.hash(text);
        },
      });
      await slow.authenticate(db(), ann);
      expect(await storedHash(user.id)).to.equal(next);
    });

    it('rejects with overloaded before it queries the database', async () => {
      const full = createUsers({ hasher: createPasswordHasher({ memoryInKib: 64, passes: 1, maxWaiting: 0 }), rules });
      const nothing = undefined as unknown as ReturnType<typeof db>;
      for (const attempt of [
        full.authenticate(nothing, ann),
        full.verifyPassword(nothing, randomUUID(), password),
        full.register(nothing, ann),
      ])
        expect(await codeOf(attempt)).to.equal('overloaded');
    });
  });

  describe('upsertExternal', () => {
    const found = { tenantId: 'default', externalId: 'crm-7', email: 'ann@crm.example', profile: { name: 'Ann' } };

    it('creates the user once, and updates it later', async () => {
      const first = await users.upsertExternal(db(), found);
      const second = await users.upsertExternal(db(), {
        ...found,
        email: 'ann@new.example',
        profile: { name: 'Anna' },
      });
      expect(second).to.deep.equal({ ...first, email: 'ann@new.example', profile: { name: 'Anna' } });
      expect(await users.upsertExternal(db(), { tenantId: 'default', externalId: 'crm-7' })).to.deep.equal(second);
      expect((await users.upsertExternal(db(), { ...found, email: null })).email).to.equal(null);
    });

    it('creates one user for many concurrent calls', async () => {
      const all = await Promise.all(Array.from({ length: 8 }, () => users.upsertExternal(db(), found)));
      expect(new Set(all.map((user) => user.id)).size).to.equal(1);
    });

    it('does not use an account with a password of the same address', async () => {
      const own = await users.register(db(), ann);
      const adopted = await users.upsertExternal(db(), { ...found, email: ann.email });
      expect(adopted.id).not.to.equal(own.id);
      expect((await users.authenticate(db(), ann)).id).to.equal(own.id);
    });

    it('leaves the address of a user who was imported with the same external id', async () => {
      const own = await users.register(db(), ann);
      await db().updateTable('users').set({ external_id: 'crm-7' }).where('id', '=', own.id).execute();
      expect(await users.upsertExternal(db(), found)).to.include({
        id: own.id,
        email: own.email,
        emailKey: own.emailKey,
      });
    });

    it('has no password', async () => {
      const { id } = await users.upsertExternal(db(), found);
      expect(await codeOf(users.authenticate(db(), { ...ann, email: found.email, password: '' }))).to.equal(
        'invalid_credentials',
      );
      expect(await codeOf(users.verifyPassword(db(), id, ''))).to.equal('invalid_credentials');
    });

    it('rejects with user_disabled and tenant_unknown', async () => {
      const { id } = await users.upsertExternal(db(), found);
      await users.disable(db(), id);
      expect(await codeOf(users.upsertExternal(db(), found))).to.equal('user_disabled');
      expect(await codeOf(users.upsertExternal(db(), { ...found, tenantId: 'nowhere' }))).to.equal('tenant_unknown');
    });
  });

  describe('verifyPassword, hashNewPassword and changePassword', () => {
    it('change the password in a transaction, and increment the credential version', async () => {
      const { id } = await users.register(db(), ann);
      const user = await users.verifyPassword(db(), id, password);
      const hash = await users.hashNewPassword('another horse', user);
      const changed = await withTransaction(db(), ({ tx }) => users.changePassword(tx, user, hash));
      expect(changed.credentialVersion).to.equal(2);
      expect(await codeOf(users.authenticate(db(), ann))).to.equal('invalid_credentials');
      expect((await users.authenticate(db(), { ...ann, password: 'another horse' })).credentialVersion).to.equal(2);
    });

    it('apply one of two concurrent changes', async () => {
      const user = await users.register(db(), ann);
      const hashes = await Promise.all(['one of two', 'two of two'].map((text) => users.hashNewPassword(text, user)));
      const codes = await Promise.all(hashes.map((hash) => codeOf(users.changePassword(db(), user, hash))));
      expect(codes.sort()).to.deep.equal(['done', 'invalid_credentials']);
      expect(await storedVersion(user.id)).to.equal(2);
    });

    it('reject a wrong password, a disabled and an unknown user', async () => {
      const { id } = await users.register(db(), ann);
      expect(await codeOf(users.verifyPassword(db(), id, 'wrong horse'))).to.equal('invalid_credentials');
      expect(await codeOf(users.verifyPassword(db(), randomUUID(), password))).to.equal('invalid_credentials');
      await users.disable(db(), id);
      expect(await codeOf(users.verifyPassword(db(), id, password))).to.equal('user_disabled');
    });

    it('apply the same rules to a new password', async () => {
      expect(await codeOf(users.hashNewPassword('ann@example.org', { email: ann.email }))).to.equal('weak_password');
    });
  });

  describe('disable', () => {
    it('keeps the first time, and increments the version once', async () => {
      const { id } = await users.register(db(), ann);
      const first = await users.disable(db(), id);
      expect(first.disabledAt).to.be.instanceOf(Date);
      expect(first.credentialVersion).to.equal(2);
      expect(await users.disable(db(), id)).to.deep.equal(first);
    });

    it('rejects an unknown user with not_found', async () => {
      expect(await codeOf(users.disable(db(), randomUUID()))).to.equal('not_found');
    });
  });
});
