import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { transformSync } from 'esbuild';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import type { FoundUser } from '../../src/domain/user/user.ts';
import type { HookFunctions } from '../../src/hook/hook.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { mailFixture } from './account/mail-fixture.ts';
import { type Fixture, newKey, openFixture, password, peer } from './fixture.ts';

/** The hook of docs/run/import.md over another system. */
function hookOfPage(oldSystem: object): HookFunctions {
  const [, source = ''] = /^```ts\n(.*?)^```/ms.exec(readFileSync('docs/run/import.md', 'utf8')) ?? [];
  const { code } = transformSync(source, { loader: 'ts' });
  const body = code.replaceAll(/^import .*$/gm, '').replace('export default', 'return');
  return new Function('oldSystem', body)(oldSystem);
}

onEachDatabase('a user whom a hook lets the service keep', (database) => {
  const email = 'Ann@example.org';
  let fixture: Fixture;
  let asked: string[];
  let passwordThere: string;
  let change: Partial<FoundUser>;
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    asked = [];
    passwordThere = password;
    change = {};
    const { findUserByCredentials } = hookOfPage({
      async signIn(typed: string, shown: string) {
        asked.push(typed);
        return shown === passwordThere ? { id: '17', isConfirmed: true } : undefined;
      },
    });
    const found: HookFunctions['findUserByCredentials'] = async (attempt) => {
      const user = await findUserByCredentials!(attempt);
      return user && { ...user, ...change };
    };
    fixture = await openFixture(database(), { hooks: { findUserByCredentials: found } });
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).deep.equal([]);
  });

  const signIn = async (typed = email, shown = password) =>
    fixture.redeem(await fixture.login(typed, { password: shown }), newKey());
  const rowOf = (id: string) => db().selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

  it('signs in here from the second time on, with the same id, and the hook is not called', async () => {
    const first = await signIn();
    expect(asked).deep.equal([email]);
    passwordThere = 'changed in the other system';
    const second = await signIn('ann@example.org');
    expect(second.userId).equal(first.userId);
    expect(await codeOf(signIn(email, passwordThere))).equal('invalid_credentials');
    expect(asked).deep.equal([email]);
    const row = await rowOf(first.userId);
    expect(row).include({ email, email_key: 'ann@example.org', external_id: '17' });
    expect(row.password_hash).match(/^\$argon2id/);
    expect(row.email_verified_at).instanceOf(Date);
    const { rows } = await fixture.context.audit.list(db(), { userId: first.userId, action: 'user_taken_over' });
    expect(rows).length(1);
  });

  it('keeps the id and the sessions of before, where the user came by the hook already', async () => {
    change = { keep: false };
    const before = await signIn();
    expect((await rowOf(before.userId)).password_hash).equal(null);
    change = {};
    expect((await signIn()).userId).equal(before.userId);
    await fixture.flows.refresh(before.sid);
    expect((await rowOf(before.userId)).taken_over_at).instanceOf(Date);
  });

  it('is not verified unless the hook says so', async () => {
    change = { emailVerified: undefined };
    expect((await rowOf((await signIn()).userId)).email_verified_at).equal(null);
  });

  it('gets a new password by mail, and the old one opens nothing in either system', async () => {
    const mailed = mailFixture(fixture, database());
    await signIn();
    await mailed.forgot(email);
    const { data } = await mailed.mail();
    await fixture.flows.resetPassword({ proof: { secret: data.secret! }, newPassword: 'another long password' }, peer);
    expect(await codeOf(signIn())).equal('invalid_credentials');
    await signIn(email, 'another long password');
    expect(asked).length(1);
  });

  it('cannot come back by the hook once the address was changed here', async () => {
    const { userId } = await signIn();
    await sql`UPDATE users SET email = 'b@example.org', email_key = 'b@example.org'`.execute(db());
    expect(await codeOf(signIn())).equal('invalid_credentials');
    expect(await rowOf(userId)).include({ email: 'b@example.org' });
    expect((await signIn('b@example.org')).userId).equal(userId);
  });

  it('stays one of the hook while another account has the address, or one that looks like it', async () => {
    for (const taken of [email, 'ann@example.org']) {
      await emptyTables(database());
      await fixture.domain.users.register(db(), { tenantId: 'default', email: taken, password: 'of another user' });
      const { userId } = await signIn();
      expect(await rowOf(userId)).include({ email_key: null, password_hash: null, taken_over_at: null });
      expect(await codeOf(signIn(email, 'of another user'))).equal('invalid_credentials');
    }
  });

  it('stays one of the hook where the typed name is not the address, or no address of an account', async () => {
    change = { email: 'other@example.org' };
    const { userId } = await signIn();
    expect(await rowOf(userId)).include({ email: 'other@example.org', email_key: null });
    change = { email: null };
    expect((await signIn('ann')).userId).equal(userId);
    expect(await rowOf(userId)).include({ email_key: null, taken_over_at: null });
    expect(asked).length(2);
  });

  it('is taken over once by many sign-ins at once', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => signIn()));
    expect(new Set(all.map(({ userId }) => userId)).size).equal(1);
    const { rows } = await fixture.context.audit.list(db(), { action: 'user_taken_over', userId: all[0]!.userId });
    expect(rows).length(1);
  });

  it('is refused here once it is disabled', async () => {
    const { userId } = await signIn();
    await fixture.domain.users.disable(db(), userId);
    expect(await codeOf(signIn())).equal('user_disabled');
    expect(asked).length(1);
  });
});
