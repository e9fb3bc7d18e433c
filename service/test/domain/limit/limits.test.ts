import { type Failure, fail } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { stub } from 'sinon';
import { codeOf } from '../../../../test-kit/codes.ts';
import { networkPrefix } from '../../../src/base/ip.ts';
import { createPostgresDatabase } from '../../../src/db/postgres.ts';
import { createRateLimits, type RateLimits } from '../../../src/domain/limit/limits.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

const tried = { tenantId: 'default', emailKey: 'ann@example.org', address: '192.0.2.7' };
const clock = createSystemClock();
const options = {
  failedLoginsPerAccount: 10,
  failedLoginsPerAddress: 100,
  failedLoginWindowInMins: 15,
  registrationsPerAddress: 5,
};
const wrong = async () => {
  throw fail('invalid_credentials');
};
const right = async () => 'ann';

onEachDatabase('createRateLimits', (database) => {
  let limits: RateLimits;
  beforeEach(async () => {
    await emptyTables(database());
    limits = createRateLimits({ database: database(), clock, options });
  });
  const guard = (work: () => Promise<unknown>, change: Partial<typeof tried> = {}) =>
    limits.failedLogins.guard({ ...tried, ...change }, work);
  const failures = async (count: number, change?: Partial<typeof tried>) => {
    for (let i = 0; i < count; i++) expect(await codeOf(guard(wrong, change))).to.equal('invalid_credentials');
  };

  describe('failedLogins', () => {
    it('refuses a login after ten failed ones, also with the right password, before any work', async () => {
      await failures(10);
      let worked = false;
      const refused = (await guard(async () => {
        worked = true;
      }).catch((error) => error)) as Failure;
      expect(refused.code).to.equal('rate_limited');
      expect(refused.retryAfterMs).to.be.within(14 * 60_000, 15 * 60_000);
      expect(worked).to.equal(false);
    });

    it('allows ten of many concurrent logins', async () => {
      const codes = await Promise.all(Array.from({ length: 30 }, () => codeOf(guard(wrong))));
      // One that is just being counted stands in for two, so of a burst fewer may pass, never more.
      expect(codes.filter((code) => code === 'invalid_credentials').length).to.be.within(1, 10);
      expect(new Set(codes)).to.deep.equal(new Set(['invalid_credentials', 'rate_limited']));
      for (let i = 0; i < 10; i++) codes.push(await codeOf(guard(wrong)));
      expect(codes.filter((code) => code === 'invalid_credentials')).to.have.length(10);
    });

    it('does not refuse the owner at another address, nor other accounts at this one', async () => {
      await failures(10);
      expect(await guard(right, { address: '198.51.100.1' })).to.equal('ann');
      expect(await guard(right, { emailKey: 'bob@example.org' })).to.equal('ann');
      expect(await guard(right, { tenantId: 'other' })).to.equal('ann');
    });

    it('starts at zero after a right password', async () => {
      await failures(9);
      expect(await guard(right)).to.equal('ann');
      await failures(10);
    });

    it('follow the settings', async () => {
      const strict = { ...options, failedLoginsPerAccount: 2, failedLoginsPerAddress: 3 };
      limits = createRateLimits({ database: database(), clock, options: strict });
      await failures(2);
      expect(await codeOf(guard(right))).to.equal('rate_limited');
      await failures(1, { emailKey: 'bob@example.org' });
      expect(await codeOf(guard(right, { emailKey: 'cleo@example.org' }))).to.equal('rate_limited');
    });

    it('counts wrong passwords only', async () => {
      for (const code of ['overloaded', 'unavailable', 'user_disabled'] as const)
        for (let i = 0; i < 11; i++)
          expect(
            await codeOf(
              guard(async () => {
                throw fail(code);
              }),
            ),
          ).to.equal(code);
      await failures(10);
    });

    it('releases uncounted attempts in memory and in the table', async () => {
      const counted = stub(RateLimiterMemory.prototype, 'consume').callThrough();
      try {
        const busy = () => guard(() => Promise.reject(fail('overloaded')), { emailKey: 'made up' });
        expect(await codeOf(busy())).to.equal('overloaded');
        expect(counted.callCount).to.equal(0);
        const { rows } = await sql`SELECT key FROM rate_limits`.execute(database().db);
        expect(rows).to.deep.equal([]);
        await failures(1, { emailKey: 'real' });
        expect(counted.callCount).to.equal(database().kind === 'embedded' ? 2 : 0);
      } finally {
        counted.restore();
      }
    });

    it('refuses an address after a hundred failed logins of different accounts', async () => {
      for (let i = 0; i < 100; i++) await failures(1, { emailKey: `user${i}@example.org` });
      expect(await codeOf(guard(wrong, { emailKey: 'another@example.org' }))).to.equal('rate_limited');
      expect(await guard(right, { address: '198.51.100.1' })).to.equal('ann');
    });

    it('does not count successful logins', async () => {
      for (let i = 0; i < 110; i++) await guard(right, { emailKey: `user${i}@example.org` });
    });

    it('counts only the account when the address is unknown', async () => {
      for (let n = 0; n < 101; n++) {
        const guessed = { tenantId: 'default', emailKey: `n${n}@example.org`, address: null };
        expect(await codeOf(limits.failedLogins.guard(guessed, wrong))).to.equal('invalid_credentials');
      }
      const unknown = { ...tried, address: null };
      for (let n = 0; n < 10; n++) await codeOf(limits.failedLogins.guard(unknown, wrong));
      expect(await codeOf(limits.failedLogins.guard(unknown, right))).to.equal('rate_limited');
      expect(await guard(right)).to.equal('ann');
    });

    it('counts an IPv6 network as one address', async () => {
      for (let i = 0; i < 10; i++) await failures(1, { address: `2001:db8::${i}` });
      expect(await codeOf(guard(right, { address: '2001:db8::ffff:1' }))).to.equal('rate_limited');
      expect(await guard(right, { address: '2001:db8:0:1::1' })).to.equal('ann');
    });
  });

  describe('mails', () => {
    const take = (change: { emailKey?: string; address?: string | null; tenantId?: string } = {}) =>
      limits.mails.take({ ...tried, ...change });
    const count = async (times: number, of: (index: number) => Promise<boolean>) => {
      const taken = [];
      for (let index = 0; index < times; index++) taken.push(await of(index));
      return taken.filter(Boolean).length;
    };

    it('allow five an hour to an address, from wherever they are asked for', async () => {
      expect(await count(7, (index) => take({ address: `198.51.${index}.1` }))).to.equal(5);
      expect(await take({ emailKey: 'bob@example.org' })).to.equal(true);
      expect(await take({ tenantId: 'another' })).to.equal(true);
    });

    it('allow twenty an hour for a network, whatever the addresses', async () => {
      expect(await count(23, (index) => take({ emailKey: `${index}@example.org` }))).to.equal(20);
      expect(await take({ emailKey: 'other@example.org', address: '198.51.100.1' })).to.equal(true);
      expect(await take({ emailKey: 'unknown@example.org', address: null })).to.equal(true);
    });

    it('count nothing against address and tenant that a network may not ask for', async function () {
      this.timeout(30_000);
      const others = (index: number) => take({ emailKey: index < 20 ? `${index}@example.org` : tried.emailKey });
      expect(await count(2_100, others)).to.equal(20);
      expect(await count(7, (index) => take({ address: `198.51.${index}.1` })), 'of the address').to.equal(5);
    });

    it('count nothing against the tenant that an address may not get', async function () {
      this.timeout(30_000);
      expect(await count(2_100, () => take({ address: null }))).to.equal(5);
      expect(await take({ emailKey: 'other@example.org', address: null })).to.equal(true);
    });
  });

  describe('mailProofs', () => {
    const { address } = tried;

    it('give a point back for work that succeeds, and refuse before any work', async () => {
      for (let times = 0; times < 150; times++) expect(await limits.mailProofs.guard(address, right)).to.equal('ann');
      for (let times = 0; times < 99; times++) await codeOf(limits.mailProofs.guard(address, wrong));
      expect(await codeOf(limits.mailProofs.take(address))).to.equal('done');
      let worked = false;
      const refused = limits.mailProofs.guard(address, async () => {
        worked = true;
      });
      expect([await codeOf(refused), worked]).to.deep.equal(['rate_limited', false]);
      expect(await codeOf(limits.mailProofs.takeInspection(address))).to.equal('done');
    });
  });

  describe('registrations', () => {
    const address = '192.0.2.7';
    const register = (work: () => Promise<unknown>, from: string | null = address) =>
      codeOf(limits.registrations.guard(from, work));
    const taken = () => Promise.reject(fail('identifier_taken'));

    it('refuses the sixth registration of one address in an hour before any work, and none of another address', async () => {
      for (let i = 0; i < 3; i++) expect(await register(right)).to.equal('done');
      for (let i = 0; i < 2; i++) expect(await register(taken)).to.equal('identifier_taken');
      let worked = false;
      const refused = (await limits.registrations
        .guard(address, async () => {
          worked = true;
        })
        .catch((error) => error)) as Failure;
      expect(refused.code).to.equal('rate_limited');
      expect(refused.retryAfterMs).to.be.within(59 * 60_000, 60 * 60_000);
      expect(worked).to.equal(false);
      expect(await register(right, '198.51.100.1')).to.equal('done');
      expect(await codeOf(guard(right)), 'a login').to.equal('done');
    });

    it('does not count attempts that neither created nor revealed an account', async () => {
      for (const code of ['weak_password', 'overloaded', 'unavailable', 'registration_closed'] as const)
        for (let i = 0; i < 6; i++) expect(await register(() => Promise.reject(fail(code)))).to.equal(code);
      expect(await register(right)).to.equal('done');
    });

    it('allows five of many concurrent registrations', async () => {
      const codes = await Promise.all(Array.from({ length: 20 }, () => register(right)));
      expect(codes.filter((code) => code === 'done').length).to.be.within(1, 5);
      expect(new Set(codes)).to.deep.equal(new Set(['done', 'rate_limited']));
    });

    it('counts across the nodes of one database', async function () {
      if (database().kind !== 'postgres') this.skip();
      for (let i = 0; i < 5; i++) await register(right);
      limits = createRateLimits({ database: database(), clock, options });
      expect(await register(right)).to.equal('rate_limited');
    });
  });

  it('allows 120 access tokens a minute for a session', () => {
    for (let i = 0; i < 120; i++) limits.accessTokens.take('s1');
    expect(() => limits.accessTokens.take('s1'))
      .to.throw()
      .with.property('code', 'rate_limited');
    limits.accessTokens.take('s2');
  });

  it('deletes windows that ended long ago, and those with a count of zero', async () => {
    const day = 86_400_000;
    for (const [key, points, ago] of [
      ['old', 1, 2 * day],
      ['young', 1, 1_000],
      ['live', 1, -1_000],
      ['given back', 0, -1_000],
    ] as const)
      await sql`INSERT INTO rate_limits (key, points, expire)
        VALUES (${key}, ${points}, ${Date.now() - ago}::bigint)`.execute(database().db);
    expect(await limits.deleteExpired()).to.equal(2);
  });

  describe('with Postgres', () => {
    beforeEach(function () {
      if (database().kind !== 'postgres') this.skip();
    });

    it('releases the reservation of the account when the address is refused', async () => {
      for (let i = 0; i < 100; i++) await failures(1, { emailKey: `user${i}@example.org` });
      for (let i = 0; i < 20; i++)
        expect(await codeOf(guard(wrong, { emailKey: `more${i}@example.org` }))).to.equal('rate_limited');
      const { rows } = await sql`SELECT key FROM rate_limits`.execute(database().db);
      expect(rows).to.have.length(101);
    });

    it('counts for all nodes, and stores neither account nor address in clear', async () => {
      await failures(10);
      const other = createRateLimits({ database: database(), clock, options });
      expect(await codeOf(other.failedLogins.guard(tried, right))).to.equal('rate_limited');
      const { rows } = await sql<{ key: string }>`SELECT key FROM rate_limits`.execute(database().db);
      expect(rows).to.have.length(2);
      for (const { key } of rows) expect(key).to.match(/^(pair|address):[\w-]{43}$/);
    });

    it('answers ten of many concurrent wrong logins at two nodes, and refuses a right one after them', async () => {
      const nodes = [limits, createRateLimits({ database: database(), clock, options })];
      const codes = await Promise.all(
        Array.from({ length: 40 }, (_, i) => codeOf(nodes[i % 2]!.failedLogins.guard(tried, wrong))),
      );
      expect(codes.filter((code) => code === 'invalid_credentials').length).to.be.within(1, 10);
      let release = () => {};
      const gate = new Promise<void>((resolve) => {
        release = resolve;
      });
      await emptyTables(database());
      const late = codeOf(nodes[1]!.failedLogins.guard(tried, () => gate.then(right)));
      await failures(10);
      release();
      expect(await late).to.equal('rate_limited');
    });

    it('creates five accounts for many concurrent registrations at two nodes', async () => {
      const nodes = [limits, createRateLimits({ database: database(), clock, options })];
      let made = 0;
      const register = async () => {
        made++;
        await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await Promise.all(
        Array.from({ length: 30 }, (_, i) => codeOf(nodes[i % 2]!.registrations.guard('192.0.2.7', register))),
      );
      expect(made).to.equal(5);
    });

    it('starts at zero when the window has ended', async () => {
      await failures(10);
      await sql`UPDATE rate_limits SET expire = ${Date.now() - 1}::bigint`.execute(database().db);
      await failures(10);
    });

    it('counts on this node while the database does not answer', async () => {
      const url = 'postgres://nobody@127.0.0.1:1/none';
      const gone = createPostgresDatabase({ url, poolSize: 2, clock, onError: () => {} });
      limits = createRateLimits({ database: gone, clock, options });
      await failures(10);
      expect(await codeOf(guard(right))).to.equal('rate_limited');
      await gone.close();
    });
  });
});

describe('networkPrefix', () => {
  const cases = {
    '192.0.2.7': '192.0.2.7',
    '::ffff:192.0.2.7': '192.0.2.7',
    '::ffff:c000:207': '192.0.2.7',
    '2001:db8:1:2:3:4:5:6': '20010db800010002',
    '2001:DB8:1:2::': '20010db800010002',
    'fe80::1%eth0': 'fe80000000000000',
    nonsense: 'unknown',
  };
  for (const [address, network] of Object.entries(cases))
    it(`returns ${network} for ${address}`, () => expect(networkPrefix(address)).to.equal(network));
  it('returns undefined without an address', () => expect(networkPrefix(null)).to.equal('unknown'));
});
