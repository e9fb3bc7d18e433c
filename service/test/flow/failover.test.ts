import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { readProgress } from '../../src/domain/failover/failover-store.ts';
import { leaseSeconds } from '../../src/domain/presence/presence.ts';
import { readFeedPage } from '../../src/domain/revocation/revocation-store.ts';
import { emptyTables, epochOf, onEachDatabase } from '../databases.ts';
import { backendActor } from './actors.ts';
import { backUp, type Fixture, newKey, openFixture, said } from './fixture.ts';

const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What a promoted replica looks like to nodes: an epoch that is not served, without the newest commits. */
onEachDatabase('after a failover', (database) => {
  const db = () => database().db;
  let epoch: string;
  let fixtures: Fixture[] = [];
  beforeEach(async () => {
    await emptyTables(database());
    epoch = await epochOf(database());
    fixtures = [];
  });
  afterEach(async () => {
    for (const fixture of fixtures) await stop(fixture);
    await sql`UPDATE cluster SET served = ${epoch}, moved_to = NULL`.execute(db());
  });

  /** A node that is connected and has its lease. */
  async function start(env: Record<string, string> = {}): Promise<Fixture> {
    const fixture = await openFixture(database(), { env });
    fixtures.push(fixture);
    await fixture.domain.presence.start();
    return fixture;
  }

  async function stop(fixture: Fixture): Promise<void> {
    fixture.domain.failover.stop();
    await fixture.stop();
  }

  /** The work is lost: its session's row, the list and its numbers are as before. */
  async function lose(sid: string, work: () => Promise<unknown>): Promise<void> {
    const bringBack = await backUp(database(), sid);
    const { head } = await readFeedPage(db(), 0);
    await work();
    await Promise.all(fixtures.map(({ domain }) => domain.feed.catchUp()));
    await db()
      .transaction()
      .execute(async (tx) => {
        await sql`DELETE FROM blacklist WHERE seq > ${head}`.execute(tx);
        await sql`UPDATE blacklist_head SET seq = ${head}`.execute(tx);
        await sql`UPDATE cluster SET served = 'before.00000001'`.execute(tx);
      });
    await bringBack();
  }

  const moveOn = () => sql`UPDATE cluster SET served = 'before.00000001'`.execute(db());

  /** A node that was connected shortly before and never reports: nothing is judged while it is waited for. */
  const silent = randomUUID();
  const addSilentNode = () =>
    sql`INSERT INTO servers (server_id, lease_until)
      VALUES (${silent}, clock_timestamp() + make_interval(secs => ${leaseSeconds}))`.execute(db());
  const waitNoLonger = () => sql`UPDATE cluster SET moved_at = moved_at - interval '5 s'`.execute(db());

  /** The epoch is served, and the node knows what ended. */
  async function settled({ domain }: Fixture): Promise<void> {
    const isSettled = async () =>
      (await epochOf(database())) === epoch && domain.databaseClock.epoch === epoch && !domain.failover.isRecovering();
    for (let i = 0; i < 200 && !(await isSettled()); i++) {
      await domain.feed.catchUp();
      await pauseMs(20);
    }
    expect(await isSettled(), 'is settled').to.equal(true);
  }

  /** Every node has seen the move. */
  async function noticed(): Promise<void> {
    await Promise.all(fixtures.map(({ domain }) => domain.feed.catchUp()));
    expect(fixtures.map(({ domain }) => domain.failover.isRecovering())).to.deep.equal(fixtures.map(() => true));
  }

  async function report(): Promise<Record<string, unknown>> {
    const { rows } = await fixtures[0]!.domain.audit.list(db(), { action: 'failover' });
    return { ...rows[0]!.detail };
  }

  const limits = { maxActiveMinutes: 1 };

  const rowOf = (sid: string) =>
    db().selectFrom('sessions').select(['gen', 'revoke_reason']).where('sid', '=', sid).executeTakeFirstOrThrow();

  it('a logout with a lost commit is effective at every node, and is written back', async () => {
    const [one, two] = [await start(), await start()];
    const { grant } = await one.enter();
    await lose(grant.sid, () => one.flows.logout(grant.sid, 'session'));
    expect((await rowOf(grant.sid)).revoke_reason).to.equal(null);
    expect(await said(two.present(grant.token, newKey()))).to.be.oneOf(['unavailable', 'session_revoked']);
    await Promise.all([settled(one), settled(two)]);
    for (const fixture of [one, two, await start()]) {
      expect(await said(fixture.present(grant.token, newKey()))).to.equal('session_revoked');
      expect(await codeOf(fixture.flows.authenticate(grant.accessToken))).to.equal('unauthenticated');
    }
    expect(await rowOf(grant.sid)).to.deep.equal({ gen: 1, revoke_reason: 'logout' });
    expect(await report()).to.include({ ends: 1, unknown: 0, covered: true, missing: 0, reported: 2, to: epoch });
  });

  it('a revocation is remembered that was committed before the feed could read it', async () => {
    const fixture = await start();
    const { grant } = await fixture.enter();
    await lose(grant.sid, async () => fixture.domain.feed.expect(grant.sid, 'logout'));
    await settled(fixture);
    expect((await rowOf(grant.sid)).revoke_reason).to.equal('logout');
  });

  for (const [what, reason, change] of [
    [
      'ends of a tenant',
      'ended_by_operator',
      (fixture: Fixture) => fixture.admin.endTenantSessions(backendActor, 'default'),
    ],
    [
      'ends by shorter limits',
      'expired',
      (fixture: Fixture) => fixture.admin.updateTenant(backendActor, 'default', limits),
    ],
  ] as const)
    it(`${what} are remembered from their own answer, before the feed has read them`, async () => {
      const fixture = await start();
      const { grant } = await fixture.enter();
      await sql`UPDATE sessions SET created_at = created_at - interval '2 minutes'`.execute(db());
      await fixture.domain.feed.stop();
      await change(fixture);
      expect(fixture.domain.feed.reason(grant.sid)).to.equal(reason);
      expect(await codeOf(fixture.flows.authenticate(grant.accessToken))).to.equal('unauthenticated');
    });

  it('a session that was opened and ended by lost commits is on the revocation list without a row', async () => {
    const fixture = await start();
    const { grant } = await fixture.enter();
    await lose(grant.sid, async () => {
      await fixture.flows.logout(grant.sid, 'session');
    });
    await sql`DELETE FROM sessions WHERE sid = ${grant.sid}::uuid`.execute(db());
    await settled(fixture);
    expect((await readFeedPage(db(), 0)).entries.map(({ sid }) => sid)).to.deep.equal([grant.sid]);
  });

  it('without lost commits nothing is written, no session ends, and no node is waited for', async () => {
    const [one, two] = [await start(), await start()];
    const ended = await one.enter();
    await one.flows.logout(ended.grant.sid, 'session');
    const { grant } = await one.enter();
    await moveOn();
    await Promise.all([settled(one), settled(two)]);
    const { closedSeconds, ...rest } = await report();
    expect(closedSeconds, 'below the 5 s for nodes that do not report').to.be.below(4);
    expect(rest).to.include({ ends: 0, unknown: 0, covered: true, missing: 0, reported: 2 });
    expect(await said(two.present(grant.token, newKey()))).to.equal(2);
  });

  it('before the reports of nodes no token is validated or issued, sessions can be ended, and logins return codes', async () => {
    const fixture = await start();
    await addSilentNode();
    const { email, code } = await fixture.register();
    const { grant, key } = await fixture.enter();
    const other = await fixture.enter();
    await moveOn();
    await noticed();
    const access = () => codeOf(fixture.flows.refresh(grant.sid));
    expect(await said(fixture.present(grant.token, newKey()))).to.equal('unavailable');
    expect(await said(fixture.redeem(code, key))).to.equal('unavailable');
    expect(await access()).to.equal('unavailable');
    // A session that was opened by a lost commit has no row.
    const inspect = (sid: string) => codeOf(fixture.domain.sessions.inspect([sid]));
    for (const sid of [grant.sid, randomUUID()]) expect(await inspect(sid)).to.equal('unavailable');
    expect(await codeOf(fixture.domain.sessions.liveInEpoch(db(), randomUUID(), epoch))).to.equal('unavailable');
    expect(await fixture.flows.logout(other.grant.sid, 'session')).to.deep.equal({ ended: 1 });
    expect(await fixture.login(email)).to.be.a('string');
    expect(() => fixture.domain.feed.since(undefined, undefined))
      .to.throw()
      .with.property('code', 'revocations_not_ready');
    await waitNoLonger();
    await settled(fixture);
    expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
    expect(await said(fixture.redeem(code, key))).to.equal(1);
    expect(await access()).to.equal('done');
    expect(await inspect(grant.sid)).to.equal('done');
    expect(fixture.domain.feed.since(undefined, undefined).kind).to.equal('snapshot');
    expect(await report()).to.include({ missing: 1, covered: true, unknown: 0 });
  });

  it('with LATCHKEY_LOST_TAIL=end all sessions end when a node does not report', async () => {
    const fixture = await start({ LATCHKEY_LOST_TAIL: 'end' });
    await addSilentNode();
    const { grant } = await fixture.enter();
    await moveOn();
    await noticed();
    await waitNoLonger();
    await settled(fixture);
    expect((await rowOf(grant.sid)).revoke_reason).to.equal('generation_unknown');
    expect(await report()).to.include({ missing: 1, covered: true, unknown: 1 });
  });

  for (const [policy, reason] of [
    ['uncovered', 'generation_unknown'],
    ['end', 'generation_unknown'],
    ['keep', null],
  ] as const)
    it(`when every node is new, sessions ${reason === null ? 'stay alive' : 'end'} (${policy})`, async () => {
      const before = await start();
      const { grant } = await before.enter();
      await before.domain.presence.stopReporting();
      await stop(before);
      await moveOn();
      fixtures = [];
      const fixture = await start({ LATCHKEY_LOST_TAIL: policy });
      expect(await said(fixture.present(grant.token, newKey()))).to.equal('unavailable');
      await waitNoLonger();
      await settled(fixture);
      expect((await rowOf(grant.sid)).revoke_reason).to.equal(reason);
      expect(await report()).to.include({ covered: false, unknown: reason === null ? 0 : 1 });
      expect(await said(fixture.present(grant.token, newKey()))).to.equal(reason === null ? 2 : 'session_revoked');
    });

  it('a late node writes back before it validates, and does not delay other nodes', async () => {
    const [late, other] = [await start(), await start()];
    const { grant } = await late.enter();
    const { grant: stays } = await late.enter();
    late.domain.feed.expect(grant.sid, 'logout');
    late.domain.databaseClock.serveEpoch('before.00000001');
    const asked = [said(late.present(stays.token, newKey())), said(other.present(stays.token, newKey()))];
    expect(await Promise.all(asked)).to.deep.equal(['unavailable', 2]);
    await settled(late);
    expect((await rowOf(grant.sid)).revoke_reason).to.equal('logout');
  });

  it('a request of another epoch is unavailable whatever its deadline, with and without a session', async () => {
    const fixture = await start();
    const { grant } = await fixture.enter();
    const token = await fixture.domain.tokens.readSession(grant.token);
    const shown = {
      ...token,
      keys: [Buffer.alloc(16, 1)],
      jkt: null,
      kind: 'keyed' as const,
      epoch: 'before.00000001',
    };
    for (const inMs of [-60_000, 4_000, 60_000])
      for (const sid of [grant.sid, randomUUID()]) {
        const until = Date.now() + inMs;
        const { verdict } = await fixture.domain.tokens.presentInTransaction(db(), { ...shown, sid, until });
        expect(verdict).to.equal('moved');
      }
    expect((await rowOf(grant.sid)).gen).to.equal(1);
  });

  it('a shorter list in the same epoch withdraws the epoch until revocations are written back', async () => {
    const fixture = await start();
    const { grant } = await fixture.enter();
    await lose(grant.sid, () => fixture.flows.logout(grant.sid, 'session'));
    await sql`UPDATE cluster SET served = ${epoch}`.execute(db());
    await fixture.domain.feed.catchUp();
    await settled(fixture);
    expect((await rowOf(grant.sid)).revoke_reason).to.equal('logout');
    expect(await report()).to.include({ from: `restored from ${epoch}`, to: epoch, ends: 1 });
  });

  /** As after a restore of files from a moment before: the log was longer when this node looked last. */
  async function shortenLog({ domain }: Fixture): Promise<void> {
    const before = await readProgress(db());
    await domain.failover.compare(db(), async () => ({ ...before, lsn: before.lsn + 1e9 }));
  }

  it('a shorter write-ahead log in the same epoch withdraws it once for all nodes', async () => {
    const [one, two] = [await start(), await start()];
    const { grant } = await one.enter();
    await lose(grant.sid, () => one.flows.logout(grant.sid, 'session'));
    await sql`UPDATE cluster SET served = ${epoch}`.execute(db());
    await sql`UPDATE blacklist_head SET seq = seq + 1`.execute(db());
    await Promise.all([shortenLog(one), shortenLog(two)]);
    const { counter } = await readProgress(db());
    await Promise.all([one.domain.feed.catchUp(), two.domain.feed.catchUp()]);
    await Promise.all([settled(one), settled(two)]);
    expect((await rowOf(grant.sid)).revoke_reason).to.equal('logout');
    expect(await report()).to.include({ from: `restored from ${epoch}`, to: epoch, ends: 1, reported: 2, missing: 0 });
    expect((await readProgress(db())).counter).to.equal(counter + 1);
  });

  it('a new connection to a server with a shorter list withdraws the epoch before its first statement', async function () {
    if (database().kind === 'embedded') this.skip();
    const fixture = await start();
    await fixture.domain.feed.stop();
    await sql`UPDATE blacklist_head SET seq = 5`.execute(db());
    await fixture.domain.failover.compare(db(), () => readProgress(db()));
    await sql`UPDATE blacklist_head SET seq = 4`.execute(db());
    const endChecks = fixture.domain.failover.checkConnections();
    const served = () => sql<{ served: string }>`SELECT served, pg_sleep(0.2) FROM cluster`.execute(db());
    const answers = await Promise.all(Array.from({ length: 10 }, served));
    endChecks();
    expect(answers.map(({ rows }) => rows[0]!.served)).to.include(`restored from ${epoch}`);
    expect(await epochOf(database())).to.equal(`restored from ${epoch}`);
  });

  it('a node that starts after the recovery of a restored server writes back before it validates', async () => {
    const fixture = await start();
    const { grant } = await fixture.enter();
    const { grant: stays } = await fixture.enter();
    fixture.domain.feed.expect(grant.sid, 'logout');
    await sql`UPDATE blacklist_head SET counter = counter + 1`.execute(db());
    await fixture.domain.failover.compare(db(), () => readProgress(db()));
    expect(await said(fixture.present(stays.token, newKey()))).to.equal('unavailable');
    await settled(fixture);
    expect((await rowOf(grant.sid)).revoke_reason).to.equal('logout');
    expect(await said(fixture.present(stays.token, newKey()))).to.equal(2);
  });

  it('reports of an earlier recovery do not count, nor does an earlier promotion', async () => {
    const fixture = await start();
    const { grant } = await fixture.enter();
    await addSilentNode();
    await sql`UPDATE servers SET reported_in = ${epoch}, covers_tail = true WHERE server_id = ${silent}`.execute(db());
    await sql`UPDATE cluster SET served = 'before.00000001', moved_to = 'between.00000002',
      moved_at = now() - interval '1 hour', tail_from = now() + interval '1 hour'`.execute(db());
    await noticed();
    expect(await said(fixture.present(grant.token, newKey()))).to.equal('unavailable');
    await waitNoLonger();
    await settled(fixture);
    expect(await report()).to.include({ reported: 1, missing: 1, covered: true });
  });

  it('a node reports again when another promotion is noted before the epoch is served', async () => {
    const fixture = await start();
    await addSilentNode();
    await moveOn();
    await noticed();
    await sql`UPDATE cluster SET moved_to = NULL`.execute(db());
    await noticed();
    await waitNoLonger();
    await settled(fixture);
    expect(await report()).to.include({ reported: 1, missing: 1, covered: true });
  });

  it('leases are not renewed before the promotion is noted, because they show since when commits were lost', async () => {
    const fixture = await start();
    await stop(fixture);
    fixtures = [];
    await moveOn();
    expect(await codeOf(fixture.domain.presence.renew())).to.equal('unavailable');
    await sql`UPDATE cluster SET moved_to = ${epoch}`.execute(db());
    expect(await codeOf(fixture.domain.presence.renew())).to.equal('done');
  });
});
