import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, epochOf, onEachDatabase } from '../databases.ts';
import { backendActor } from './actors.ts';
import { challenge, type Fixture, newKey, openFixture, password, peer, said, verifier } from './fixture.ts';

type Entered = Awaited<ReturnType<Fixture['enter']>>;

/** Whatever signs a person out beyond one session. */
const endings: Readonly<Record<string, (fixture: Fixture, entered: Entered) => Promise<unknown>>> = {
  'a logout everywhere': (fixture, { grant }) => fixture.flows.logout(grant.sid, 'all'),
  'a logout of the other sessions': (fixture, { grant }) => fixture.flows.logout(grant.sid, 'others'),
  'an operator’s end of the user’s sessions': (fixture, { grant }) =>
    fixture.admin.endUserSessions(backendActor, grant.userId),
  'an operator’s end of the tenant’s sessions': (fixture) => fixture.admin.endTenantSessions(backendActor, 'default'),
  'a change of the password': async (fixture, { grant }) => {
    const caller = await fixture.flows.authenticate(grant.accessToken);
    return fixture.flows.changePassword(caller, { current: password, next: 'a new long password' }, peer);
  },
  'disabling and letting in again': async (fixture, { grant }) => {
    await fixture.admin.updateUser(backendActor, grant.userId, { disabled: true });
    await fixture.admin.updateUser(backendActor, grant.userId, { disabled: false });
  },
};

onEachDatabase('an outdated code', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  const living = async (userId: string) => (await fixture.domain.sessions.list(database().db, userId)).length;

  /** A code as a login gives it, without the price of a hash. */
  async function codeFor(userId: string): Promise<string> {
    const { credentialVersion: cv } = (await fixture.domain.users.find(database().db, userId))!;
    const { codeVersion: tv } = await fixture.domain.tenants.find(database().db, 'default');
    const payload = { sub: userId, tid: 'default', cv, tv, auth_time: 1, amr: ['pwd'], cc: challenge };
    return fixture.domain.codes.sign({ ...payload, sid: randomUUID() });
  }

  for (const [title, end] of Object.entries(endings)) {
    it(`${title} opens no session`, async () => {
      const entered = await fixture.enter();
      const stranger = await fixture.register();
      const code = await fixture.login(entered.email);
      await end(fixture, entered);
      const before = await living(entered.grant.userId);
      expect(await codeOf(fixture.redeem(code, newKey()))).to.equal('code_invalid');
      expect(await living(entered.grant.userId)).to.equal(before);
      const isOfAll = title.includes('tenant');
      expect(await said(fixture.redeem(stranger.code, newKey()))).to.equal(isOfAll ? 'code_invalid' : 1);
    });

    it(`${title} opens no session when it was already read`, async () => {
      const entered = await fixture.enter();
      const code = await fixture.login(entered.email);
      const slow = await openFixture(database(), {
        hooks: {
          async claim() {
            await end(fixture, entered);
            return {};
          },
        },
      });
      expect(await codeOf(slow.redeem(code, newKey()))).to.equal('code_invalid');
      await slow.stop();
    });
  }

  it('does not prevent the next login, nor end the current session', async () => {
    const { email, grant } = await fixture.enter();
    await fixture.flows.logout(grant.sid, 'others');
    expect(await said(fixture.redeem(await fixture.login(email), newKey()))).to.equal(1);
    expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
  });

  it('that is redeemed during a logout of all sessions opens no session that survives it', async () => {
    const { grant } = await fixture.enter();
    const { db } = database();
    const payload = await fixture.domain.codes.read(
      database().db,
      await codeFor(grant.userId),
      { kid: fixture.domain.secrets.currentKid },
      verifier,
    );
    const epoch = await epochOf(database());
    let loggedOut: Promise<unknown> | undefined;
    await db.transaction().execute(async (tx) => {
      const opened = await fixture.domain.sessions.open(tx, {
        ...{ sid: payload.sid, userId: payload.sub, credentialVersion: payload.cv, codeVersion: payload.tv ?? null },
        ...{ tag: Buffer.alloc(16, 1), jkt: null, authTime: 1, amr: ['pwd'], scope: null, claims: {} },
        ...{ userAgent: null, addressPrefix: null, until: Date.now() + 5_000, epoch },
      });
      expect(opened).to.not.equal(undefined);
      loggedOut = fixture.flows.logout(grant.sid, 'all');
      await wait(100);
    });
    expect(await loggedOut).to.deep.equal({ ended: 2 });
    expect(await living(grant.userId)).to.equal(0);
  });

  it('that is redeemed at the same time as a logout of all sessions opens no session that survives it, in either order', async function () {
    this.timeout(30_000);
    const { grant } = await fixture.enter();
    let current = grant.sid;
    const first = { redeemed: 0, refused: 0 };
    for (let round = 0; round < 40; round += 1) {
      const code = await codeFor(grant.userId);
      const late = async <T>(work: () => Promise<T>) => wait(randomInt(4)).then(work);
      const [outcome] = await Promise.all([
        late(() => said(fixture.redeem(code, newKey()))),
        late(() => fixture.flows.logout(current, 'all')),
      ]);
      expect(await living(grant.userId), `round ${round}: ${outcome}`).to.equal(0);
      first[outcome === 1 ? 'redeemed' : 'refused'] += 1;
      current = (await fixture.redeem(await codeFor(grant.userId), newKey())).sid;
    }
    expect(first.redeemed).to.be.greaterThan(0);
    expect(first.refused).to.be.greaterThan(0);
  });

  it('of a node without the version of tenants still opens its session', async () => {
    const { grant } = await fixture.enter();
    await sql`UPDATE tenants SET code_version = 7`.execute(database().db);
    const { credentialVersion: cv } = (await fixture.domain.users.find(database().db, grant.userId))!;
    const payload = { sub: grant.userId, tid: 'default', cv, auth_time: 1, amr: ['pwd'], cc: challenge };
    const code = fixture.domain.codes.sign({ ...payload, sid: randomUUID() });
    expect(await said(fixture.redeem(code, newKey()))).to.equal(1);
  });
});
