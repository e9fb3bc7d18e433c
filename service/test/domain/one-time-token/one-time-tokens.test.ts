import { randomBytes, randomUUID } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import type { OneTimePurpose, OneTimeRequest } from '../../../src/domain/one-time-token/one-time-token.ts';
import { createOneTimeTokens } from '../../../src/domain/one-time-token/one-time-tokens.ts';
import { createSecrets } from '../../../src/domain/secret/secrets.ts';
import { insertUser } from '../../../src/domain/user/user-store.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

const newSecret = () => randomBytes(32).toString('base64url');

function tokensUnder(...texts: string[]) {
  const secrets = createSecrets(() => texts, { clock: createSystemClock() });
  secrets.load();
  return createOneTimeTokens({ secrets });
}

const wrongOf = (code: string | undefined) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

onEachDatabase('createOneTimeTokens', (database) => {
  const secret = newSecret();
  const tokens = tokensUnder(secret);
  const db = () => database().db;
  const ticket = newSecret();
  beforeEach(() => emptyTables(database()));

  async function newUser(email = 'ann@example.org') {
    const rest = { tenantId: 'default', emailSkeleton: null, passwordHash: 'none', profile: {} };
    const user = await insertUser(db(), { id: randomUUID(), email, emailKey: email, ...rest });
    return { ...user, email, emailKey: email };
  }
  const issue = async (
    purpose: OneTimePurpose,
    given: { holder?: { ticket: string } | { sid: string }; email?: string; data?: Record<string, unknown> } = {},
    user?: Awaited<ReturnType<typeof newUser>>,
  ) => {
    const owner = user ?? (await newUser());
    const address = given.email ?? owner.email;
    const token = { purpose, tenantId: 'default', owner, email: address, emailKey: address };
    return { user: owner, ...(await tokens.issue(db(), { ...token, ...given })) };
  };
  const request = (email: string, rest: Partial<OneTimeRequest> = {}) =>
    tokens.request(db(), {
      purpose: 'reset_password',
      tenantId: 'default',
      email,
      emailKey: email,
      holder: { ticket },
      ...rest,
    });
  const stored = async () => {
    const { rows } = await sql<{ row: string }>`SELECT t::text AS row FROM one_time_tokens t`.execute(db());
    return rows.map(({ row }) => row).join('\n');
  };

  describe('a link', () => {
    it('is found as often as it is opened, and used once', async () => {
      const { secret: link, user } = await issue('reset_password');
      for (let opened = 0; opened < 5; opened++) {
        const token = await tokens.findBySecret(db(), link, ['reset_password']);
        expect(token).include({ userId: user.id, email: 'ann@example.org', purpose: 'reset_password' });
      }
      const token = await tokens.findBySecret(db(), link, ['reset_password']);
      await tokens.consume(db(), token);
      expect(await codeOf(tokens.consume(db(), token))).equal('link_invalid');
      expect(await codeOf(tokens.findBySecret(db(), link, ['reset_password']))).equal('link_invalid');
    });

    it('is used by one of 50 callers at once', async () => {
      const { secret: link } = await issue('reset_password');
      const token = await tokens.findBySecret(db(), link, ['reset_password']);
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => codeOf(tokens.consume(db(), token))));
      expect(outcomes.filter((outcome) => outcome === 'done')).length(1);
      expect(outcomes.filter((outcome) => outcome === 'link_invalid')).length(49);
    });

    it('is refused for another purpose', async () => {
      const { secret: link } = await issue('verify_email');
      expect(await codeOf(tokens.findBySecret(db(), link, ['reset_password', 'sign_in']))).equal('link_invalid');
    });

    it('is refused when it is unknown, or has expired', async () => {
      const { secret: link } = await issue('reset_password');
      const token = await tokens.findBySecret(db(), link, ['reset_password']);
      expect(await codeOf(tokens.findBySecret(db(), newSecret(), ['reset_password']))).equal('link_invalid');
      await sql`UPDATE one_time_tokens SET expires_at = expires_at - interval '30 minutes'`.execute(db());
      expect(await codeOf(tokens.findBySecret(db(), link, ['reset_password']))).equal('link_invalid');
      expect(await codeOf(tokens.consume(db(), token))).equal('link_invalid');
    });

    const changes = {
      'its user changed the password': sql`credential_version = credential_version + 1`,
      'its user was disabled': sql`disabled_at = now()`,
      'its user has another address': sql`email = 'eve@example.org', email_key = 'eve@example.org'`,
    };
    for (const [change, set] of Object.entries(changes))
      it(`is refused, also after it was opened, once ${change}`, async () => {
        const { secret: link } = await issue('sign_in');
        const token = await tokens.findBySecret(db(), link, ['sign_in']);
        await sql`UPDATE users SET ${set}`.execute(db());
        expect(await codeOf(tokens.findBySecret(db(), link, ['sign_in']))).equal('link_invalid');
        expect(await codeOf(tokens.consume(db(), token))).equal('link_invalid');
      });

    it('that undoes a change of address outlives another password', async () => {
      const { secret: link, user } = await issue('undo_email_change', { email: 'old@example.org' });
      await sql`UPDATE users SET credential_version = credential_version + 1`.execute(db());
      expect(await tokens.findBySecret(db(), link, ['undo_email_change'])).include({ userId: user.id });
    });

    it('makes the other ones of its user and purpose invalid', async () => {
      const first = await issue('reset_password');
      const second = await issue('reset_password', {}, first.user);
      const other = await issue('verify_email', {}, first.user);
      await tokens.consume(db(), await tokens.findBySecret(db(), first.secret, ['reset_password']));
      expect(await codeOf(tokens.findBySecret(db(), second.secret, ['reset_password']))).equal('link_invalid');
      expect(await codeOf(tokens.findBySecret(db(), other.secret, ['verify_email']))).equal('done');
    });

    it("is revoked with the user's others of the same purposes", async () => {
      const { user, secret: link } = await issue('change_email', { email: 'new@example.org' });
      const { secret: kept } = await issue('undo_email_change', {}, user);
      await tokens.revoke(db(), user.id, ['change_email']);
      expect(await codeOf(tokens.findBySecret(db(), link, ['change_email']))).equal('link_invalid');
      expect(await codeOf(tokens.findBySecret(db(), kept, ['undo_email_change']))).equal('done');
    });
  });

  describe('a code', () => {
    it('is valid with the ticket of the browser that asked', async () => {
      const { code, user } = await issue('sign_in', { holder: { ticket } });
      expect(code).match(/^\d{6}$/);
      expect(await tokens.findByCode(db(), 'sign_in', { ticket }, code!)).include({ userId: user.id });
    });

    it('is refused with another ticket, in another session, and for another purpose', async () => {
      const { code } = await issue('sign_in', { holder: { ticket } });
      for (const [purpose, holder] of [
        ['sign_in', { ticket: newSecret() }],
        ['sign_in', { sid: ticket }],
        ['reset_password', { ticket }],
      ] as const)
        expect(await codeOf(tokens.findByCode(db(), purpose, holder, code!))).equal('link_invalid');
      expect(await codeOf(tokens.findByCode(db(), 'sign_in', { ticket }, code!))).equal('done');
    });

    it('is compared five times, also of 50 guesses at once, and the link stays valid', async () => {
      const { code, secret: link } = await issue('reset_password', { holder: { ticket } });
      const guess = () => codeOf(tokens.findByCode(db(), 'reset_password', { ticket }, wrongOf(code)));
      const outcomes = await Promise.all(Array.from({ length: 50 }, guess));
      expect(outcomes.filter((outcome) => outcome === 'mail_code_wrong')).length(5);
      expect(outcomes.filter((outcome) => outcome === 'link_invalid')).length(45);
      expect(await codeOf(tokens.findByCode(db(), 'reset_password', { ticket }, code!))).equal('link_invalid');
      expect(await codeOf(tokens.findBySecret(db(), link, ['reset_password']))).equal('done');
    });

    it('costs no attempt when it is right', async () => {
      const { code } = await issue('reset_password', { holder: { ticket } });
      for (let shown = 0; shown < 8; shown++)
        expect(await codeOf(tokens.findByCode(db(), 'reset_password', { ticket }, code!))).equal('done');
    });

    it('outlives a new secret of the service', async () => {
      const { code } = await issue('change_email', { holder: { sid: 'one' }, email: 'new@example.org' });
      const rotated = tokensUnder(newSecret(), secret);
      expect(await codeOf(rotated.findByCode(db(), 'change_email', { sid: 'one' }, code!))).equal('done');
    });

    it('is not made without a holder', async () => {
      expect((await issue('undo_email_change')).code).equal(undefined);
    });
  });

  describe('a request', () => {
    it('is taken by one of two nodes at once, and prepared for the account', async () => {
      const user = await newUser();
      await request(user.email);
      const taken = await Promise.all(
        [0, 1].map(() =>
          db()
            .transaction()
            .execute(async (tx) => {
              const requested = await tokens.takeRequested(tx, 10);
              return Promise.all(requested.map((one) => tokens.prepare(tx, one, { owner: user, email: user.email })));
            }),
        ),
      );
      const [mailed, ...none] = taken.flat();
      expect(none).length(0);
      expect(await tokens.findBySecret(db(), mailed!.secret, ['reset_password'])).include({ userId: user.id });
      expect(await codeOf(tokens.findByCode(db(), 'reset_password', { ticket }, mailed!.code!))).equal('done');
    });

    it('without an account counts wrong codes like one with it', async () => {
      await request('nobody@example.org');
      for (const requested of await tokens.takeRequested(db(), 10)) await tokens.drop(db(), requested);
      const guess = () => codeOf(tokens.findByCode(db(), 'reset_password', { ticket }, '123456'));
      const outcomes = [];
      for (let tries = 0; tries < 7; tries++) outcomes.push(await guess());
      expect(outcomes).deep.equal([...Array(5).fill('mail_code_wrong'), 'link_invalid', 'link_invalid']);
      expect(await tokens.takeRequested(db(), 10)).length(0);
    });

    it('beyond three that are valid is worth nothing, and the three stay valid', async () => {
      const user = await newUser();
      const prepared = [];
      for (let asked = 0; asked < 4; asked++) {
        await request(user.email);
        const [requested] = await tokens.takeRequested(db(), 10);
        prepared.push(await tokens.prepare(db(), requested!, { owner: user, email: user.email }));
      }
      expect(prepared.map((one) => one !== undefined)).deep.equal([true, true, true, false]);
      for (const one of prepared.slice(0, 3))
        expect(await codeOf(tokens.findBySecret(db(), one!.secret, ['reset_password']))).equal('done');
    });

    it('keeps what was stored with it, for a user who is still to be created', async () => {
      await request('new@example.org', { purpose: 'verify_email', data: { password_hash: 'the hash' } });
      const [requested] = await tokens.takeRequested(db(), 10);
      const mailed = await tokens.prepare(db(), requested!, { email: 'new@example.org' });
      const token = await tokens.findByCode(db(), 'verify_email', { ticket }, mailed!.code!);
      expect(token).deep.include({ userId: null, data: { password_hash: 'the hash' } });
      await tokens.consume(db(), token);
      expect(await codeOf(tokens.consume(db(), token))).equal('link_invalid');
    });
  });

  it('stores no usable secret, code, ticket or data', async () => {
    const { secret: link, code } = await issue('verify_email', { holder: { ticket }, data: { hash: 'plain text' } });
    const text = await stored();
    const plain = [link, ticket, `"${code}"`, `,${code},`, 'plain text'];
    const forms = plain.flatMap((one) => [one, Buffer.from(one).toString('hex')]);
    for (const form of [...forms, Buffer.from(link, 'base64url').toString('hex')]) expect(text).not.contain(form);
  });

  it('says unavailable for data under a secret that only another node has', async () => {
    const { secret: link } = await issue('verify_email', { data: { hash: 'h' } });
    const other = tokensUnder(newSecret());
    expect(await codeOf(other.findBySecret(db(), link, ['verify_email']))).equal('link_invalid');
    const secrets = createSecrets(() => [secret], { clock: createSystemClock() });
    secrets.load();
    await secrets.register(db());
    expect(await codeOf(tokensUnder(newSecret()).findBySecret(db(), link, ['verify_email']))).equal('unavailable');
  });

  it('deletes what ended a day ago', async () => {
    await issue('reset_password');
    expect(await tokens.deleteEnded(db())).equal(0);
    await sql`UPDATE one_time_tokens SET expires_at = expires_at - interval '25 hours'`.execute(db());
    expect(await tokens.deleteEnded(db())).equal(1);
  });

  it('deletes at once as many as callers without a session have made', async () => {
    await sql`INSERT INTO one_time_tokens (id, purpose, tenant_id, email, email_key, expires_at)
      SELECT gen_random_uuid(), 'reset_password', 'default', i || '@x.org', i || '@x.org', now() - interval '25 hours'
      FROM generate_series(1, 2500) i`.execute(db());
    expect(await tokens.deleteEnded(db())).equal(2_500);
    const { rows } = await sql`SELECT FROM one_time_tokens`.execute(db());
    expect(rows).length(0);
  });
});
