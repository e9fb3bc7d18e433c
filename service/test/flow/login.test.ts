import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { type Fixture, newKey, openFixture, password, peer } from './fixture.ts';

onEachDatabase('login', (database) => {
  let fixture: Fixture | undefined;
  const open = async (options?: Parameters<typeof openFixture>[1]) => {
    fixture = await openFixture(database(), options);
    return fixture;
  };
  const audited = async (action: string) =>
    (await fixture!.domain.audit.list(database().db)).rows.filter((row) => row.action === action);

  beforeEach(() => emptyTables(database()));
  afterEach(async () => {
    await fixture?.stop();
    expect(fixture?.errors).to.deep.equal([]);
  });

  it('returns a code for address and password, whatever the case of the address', async () => {
    const { register, login, redeem } = await open();
    const { email } = await register();
    const grant = await redeem(await login(email.toUpperCase()), newKey());
    expect(grant).to.include({ generation: 1, tenantId: 'default' });
  });

  it('passes hooks and accounts the same spelling of an address', async () => {
    const seen: string[] = [];
    const findUserByCredentials = ({ email }: { email: string }) => {
      seen.push(email);
      return { externalId: 'ann', email };
    };
    const { login } = await open({ hooks: { findUserByCredentials, register: async () => undefined } });
    for (const email of [' Ann@b\u00fccher.example', 'Ann@xn--bcher-kva.example\n', '\uff21nn@B\u00dcCHER.example'])
      await login(email);
    expect(seen).to.deep.equal(Array(3).fill('Ann@b\u00fccher.example'));
  });

  it('signs an older account in by the spelling that it registered, and audits that spelling', async () => {
    const { register, login, redeem, domain } = await open();
    const { email } = await register();
    const { db } = database();
    const { id } = (await domain.users.findByEmail(db, 'default', email))!;
    const spelling = 'ann@xn--bcher-kva.example';
    await sql`UPDATE users SET email = ${spelling}, email_key = ${spelling} WHERE id = ${id}`.execute(db);
    await domain.users.register(db, {
      tenantId: 'default',
      email: 'ann@b\u00fccher.example',
      password: 'another password',
    });
    expect(await redeem(await login(` ${spelling}`), newKey())).to.include({ userId: id });
    await codeOf(login(spelling, { password: 'a wrong password' }));
    expect((await audited('login_failed'))[0]).to.include({ userId: id });
  });

  it('rejects a wrong password and an unknown address with the same error, and audits account and reason', async () => {
    const { register, login } = await open();
    const { email } = await register();
    const before = (await audited('login_failed')).length;
    expect(await codeOf(login(email, { password: 'another password' }))).to.equal('invalid_credentials');
    expect(await codeOf(login('nobody@example.org'))).to.equal('invalid_credentials');
    const rows = (await audited('login_failed')).slice(0, 2);
    expect((await audited('login_failed')).length - before).to.equal(2);
    const [unknown, wrong] = rows;
    const addressPrefix = '192.0.2.0/24';
    const user = await fixture!.domain.users.findByEmail(database().db, 'default', email);
    expect(wrong).to.deep.include({ addressPrefix, detail: { reason: 'wrong_password' }, userId: user!.id });
    expect(unknown).to.deep.include({ addressPrefix, userId: null });
    expect(unknown!.detail).to.have.all.keys('reason', 'typed_address_hmac');
    expect(JSON.stringify(rows)).to.not.match(/nobody|another password/);
  });

  it('audits the entered address as a keyed hash, which differs for another address and another secret', async () => {
    const hmacOf = async (email: string) => {
      await codeOf(fixture!.login(email));
      return (await audited('login_failed'))[0]!.detail.typed_address_hmac;
    };
    await open();
    const first = await hmacOf('nobody@example.org');
    expect(first).to.match(/^[\w-]{22}$/);
    expect(await hmacOf('Nobody@example.org')).to.equal(first);
    expect(await hmacOf('somebody@example.org')).to.not.equal(first);
    await fixture!.stop();
    await open({ secret: 'another secret of 32 bytes or more' });
    expect(await hmacOf('nobody@example.org')).to.not.equal(first);
  });

  it('audits sign-ins of disabled accounts, and some of those above a limit', async () => {
    const { register, login, domain } = await open();
    const { email } = await register();
    const { id } = (await domain.users.findByEmail(database().db, 'default', email))!;
    await domain.users.disable(database().db, id);
    expect(await codeOf(login(email))).to.equal('user_disabled');
    for (let i = 0; i < 10; i++) await codeOf(login(email, { password: 'another password' }));
    for (let i = 0; i < 12; i++) expect(await codeOf(login(email))).to.equal('rate_limited');
    const reasons = (await audited('login_failed')).slice(0, 21).map(({ userId, detail }) => [userId, detail.reason]);
    const times = (count: number, reason: string) => Array.from({ length: count }, () => [id, reason]);
    expect(reasons).to.deep.equal([
      ...times(10, 'rate_limited'),
      ...times(10, 'wrong_password'),
      ...times(1, 'user_disabled'),
    ]);
  });

  it('refuses after ten wrong passwords, also the right one, and a right one before that clears the count', async () => {
    const { register, login } = await open();
    const { email } = await register();
    const wrong = () => codeOf(login(email, { password: 'another password' }));
    for (let i = 0; i < 9; i++) expect(await wrong()).to.equal('invalid_credentials');
    await login(email);
    for (let i = 0; i < 10; i++) expect(await wrong()).to.equal('invalid_credentials');
    expect(await codeOf(login(email))).to.equal('rate_limited');
    expect(await codeOf(login(email.toUpperCase()))).to.equal('rate_limited');
  });

  it('reports a disabled account only for its right password', async () => {
    const { register, login } = await open();
    const { email } = await register();
    await sql`UPDATE users SET disabled_at = now()`.execute(database().db);
    expect(await codeOf(login(email, { password: 'another password' }))).to.equal('invalid_credentials');
    expect(await codeOf(login(email))).to.equal('user_disabled');
  });

  it('signs in users of the given tenant only', async () => {
    const { domain, register, login } = await open();
    await domain.tenants.create(database().db, { id: 'acme', name: 'Acme' });
    const { email } = await register();
    expect(await codeOf(login(email, { tenant: 'acme' }))).to.equal('invalid_credentials');
    expect(await codeOf(login(email, { tenant: 'nobody' }))).to.equal('tenant_unknown');
  });

  it('counts no attempts for an unknown tenant', async function () {
    if (database().kind !== 'postgres') this.skip();
    const { login } = await open();
    expect(await codeOf(login('ann@example.org', { tenant: 'nobody' }))).to.equal('tenant_unknown');
    expect((await sql`SELECT FROM rate_limits`.execute(database().db)).rows).to.have.length(0);
  });

  it('refuses a request without a challenge, or for an app that is not allowed, before it hashes the password', async () => {
    const { flows } = await open();
    const input = { email: 'ann@example.org', password };
    expect(await codeOf(flows.login(input, peer))).to.equal('invalid_request');
    const app = { ...input, codeChallenge: 'c'.repeat(43), app: 'https://evil.example/' };
    expect(await codeOf(flows.login(app, peer))).to.equal('invalid_request');
  });

  describe('with hooks', () => {
    const found = { externalId: 'e1', email: 'ann@corp.example', profile: { role: 'x' } };

    it('calls findUserByCredentials instead of checking passwords, and stores the user', async () => {
      const asked: unknown[] = [];
      const { login, redeem, flows } = await open({
        hooks: {
          findUserByCredentials(attempt) {
            asked.push(attempt);
            return attempt.password === password ? found : null;
          },
          claim: ({ profile }) => ({ role: profile.role }),
        },
      });
      const [one, two] = [await login('ann'), await login('ann')];
      const [first, second] = [await redeem(one, newKey()), await redeem(two, newKey())];
      expect(second.userId).to.equal(first.userId);
      expect((await flows.authenticate(first.accessToken)).claims).to.include({ role: 'x', sub: first.userId });
      expect(asked[0]).to.deep.equal({ tenantId: 'default', email: 'ann', password });
      expect(await codeOf(login('ann', { password: 'wrong' }))).to.equal('invalid_credentials');
    });

    it('counts attempts that the hook refuses', async () => {
      const { login } = await open({ hooks: { findUserByCredentials: () => null } });
      for (let i = 0; i < 10; i++) expect(await codeOf(login('ann'))).to.equal('invalid_credentials');
      expect(await codeOf(login('ann'))).to.equal('rate_limited');
    });

    it('rejects with the Failure of a hook, and hides any other error', async () => {
      const { login } = await open({
        hooks: {
          findUserByCredentials({ email }) {
            if (email === 'odd') throw new Error('secret of the hook');
            throw fail('user_disabled');
          },
        },
      });
      expect(await codeOf(login('ann'))).to.equal('user_disabled');
      expect(await codeOf(login('odd'))).to.equal('internal_error');
    });

    it('adds claims of a hook to a code, and does not replace those of the service', async () => {
      const { register, login, redeem } = await open({
        hooks: { authorization: (payload, sign) => sign({ ...payload, sub: 'somebody', more: 1 }) },
      });
      const { email } = await register();
      const code = await login(email);
      const payload = JSON.parse(Buffer.from(code.split('.')[1]!, 'base64url').toString());
      expect(payload.more).to.equal(1);
      const grant = await redeem(code, newKey());
      expect(payload.sub).to.equal(grant.userId);
    });

    it('uses the tenant of getTenantId', async () => {
      const { domain, register } = await open({
        hooks: { getTenantId: ({ email }) => (email.endsWith('@acme.example') ? 'acme' : 'default') },
      });
      await domain.tenants.create(database().db, { id: 'acme', name: 'Acme', registrationOpen: true });
      const { code } = await register('ann@acme.example');
      expect((await fixture!.redeem(code, newKey())).tenantId).to.equal('acme');
    });

    it('calls onLogin after the session was committed, and keeps the session when that fails', async () => {
      const heard: unknown[] = [];
      const { enter, causes } = await open({
        hooks: {
          onLogin({ user, sessionId }) {
            heard.push(`${user.id} ${sessionId}`);
            throw new Error('a broken hook');
          },
        },
      });
      const { grant } = await enter();
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(heard).to.deep.equal([`${grant.userId} ${grant.sid}`]);
      expect(causes.list().map(({ code, count }) => [code, count])).to.deep.equal([['hook_failed', 1]]);
    });
  });
});
