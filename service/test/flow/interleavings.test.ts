import { expect } from 'chai';
import { readFeedPage } from '../../src/domain/revocation/revocation-store.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { passTime, readRow } from '../session-rows.ts';
import { age, backUp, type Fixture, newKey, openFixture, said } from './fixture.ts';

/** Two nodes over one database. V = victim, A = thief with an idle copy, A* = one who copied the key as well. */
onEachDatabase('interleavings', (database) => {
  let one: Fixture;
  let two: Fixture;
  const k = newKey;
  const ended = async () => (await readFeedPage(database().db, 0)).entries.map(({ sid, reason }) => `${sid} ${reason}`);

  beforeEach(async () => {
    await emptyTables(database());
    [one, two] = [await openFixture(database()), await openFixture(database())];
  });
  afterEach(async () => {
    await Promise.all([one.stop(), two.stop()]);
    expect([...one.errors, ...two.errors]).to.deep.equal([]);
  });

  it('V(g,k) · lost answer · V(g,k): the next token is identical', async () => {
    const { grant } = await one.enter();
    const key = k();
    const first = await one.present(grant.token, key);
    const again = await one.present(grant.token, key);
    expect(first.generation).to.equal(2);
    expect(again.token).to.equal(first.token);
    expect((await readRow(database(), grant.sid)).gen).to.equal(2);
  });

  it('V(g,k) committed · node killed · V(g,k) at another node hours later: replay within the limits', async () => {
    const { grant } = await one.enter();
    const key = k();
    const first = await one.present(grant.token, key);
    await age(database(), grant.sid, 5 * 3_600);
    const again = await two.present(grant.token, key);
    expect(again.token).to.equal(first.token);
    await passTime(database(), grant.sid, 12 * 3_600_000);
    expect(await said(two.present(grant.token, key))).to.equal('session_expired');
    expect(await ended()).to.deep.equal([]);
  });

  it('two tabs with keys k1, k2 without a lock: a request with both keys is a replay, one with a single key has to read the token again', async () => {
    const { grant } = await one.enter();
    const [k1, k2] = [k(), k()];
    const first = await one.present(grant.token, k1);
    expect(await said(two.present(grant.token, k2))).to.equal('rotation_contended');
    expect((await two.present(grant.token, k2, [k1])).token).to.equal(first.token);
    expect(await said(two.present(first.token, k()))).to.equal(3);
    expect(await ended()).to.deep.equal([]);
  });

  it('V(g,k) · T_{g+1} used · late duplicate (g,k): superseded, and the session stays alive', async () => {
    const { grant } = await one.enter();
    const key = k();
    const second = await one.present(grant.token, key);
    const third = await one.present(second.token, k());
    expect(await said(two.present(grant.token, key))).to.equal('rotation_superseded');
    expect(await said(one.present(third.token, k()))).to.equal(4);
  });

  it('V(g,k) · much later: replay · ack · duplicate of the replay: superseded', async () => {
    const { grant } = await one.enter();
    const key = k();
    await one.present(grant.token, key);
    await age(database(), grant.sid, 7_200);
    const { token } = await one.present(grant.token, key);
    one.domain.sessions.confirmStored(grant.sid, 2);
    await one.flush();
    expect(await said(one.present(grant.token, key))).to.equal('rotation_superseded');
    expect(await said(one.present(token, k()))).to.equal(3);
  });

  it('V(g,k) · much later: two tabs replay, one rotates further, the other repeats: superseded', async () => {
    const { grant } = await one.enter();
    const key = k();
    await one.present(grant.token, key);
    await age(database(), grant.sid, 7_200);
    const { token } = await one.present(grant.token, key);
    await one.present(token, k());
    expect(await said(two.present(grant.token, key))).to.equal('rotation_superseded');
    expect(await ended()).to.deep.equal([]);
  });

  it('V rotates · A(g,kA): contended for ten seconds, then the session ends', async () => {
    const { grant } = await one.enter();
    const victim = await one.present(grant.token, k());
    expect(await said(two.present(grant.token, k()))).to.equal('rotation_contended');
    await age(database(), grant.sid, 11);
    expect(await said(two.present(grant.token, k()))).to.equal('token_reused');
    expect(await said(one.present(victim.token, k()))).to.equal('session_revoked');
    expect(await ended()).to.deep.equal([`${grant.sid} token_reused`]);
  });

  it('V rotates · A without a key: the session ends at once', async () => {
    const { grant } = await one.enter();
    await one.present(grant.token, k());
    expect(await said(two.present(grant.token))).to.equal('token_reused');
    expect(await ended()).to.deep.equal([`${grant.sid} token_reused`]);
  });

  it('A rotates first · V(g,kV): contended, then the session ends; A gained one generation', async () => {
    const { grant } = await one.enter();
    const thief = await two.present(grant.token, k());
    expect(await said(one.present(grant.token, k()))).to.equal('rotation_contended');
    await age(database(), grant.sid, 11);
    expect(await said(one.present(grant.token, k()))).to.equal('token_reused');
    expect(await said(two.present(thief.token, k()))).to.equal('session_revoked');
    expect(thief.generation).to.equal(2);
  });

  it('A* replays (g,k) while V does: the second of the next two presentations ends the session', async () => {
    const { grant } = await one.enter();
    const key = k();
    const victim = await one.present(grant.token, key);
    const thief = await two.present(grant.token, key);
    expect(thief.token).to.equal(victim.token);
    expect(await said(one.present(victim.token, k()))).to.equal(3);
    expect(await said(two.present(thief.token, k()))).to.equal('rotation_contended');
    await age(database(), grant.sid, 11);
    expect(await said(two.present(thief.token, k()))).to.equal('token_reused');
    expect(await ended()).to.deep.equal([`${grant.sid} token_reused`]);
  });

  it('A* replays without end, V is away: A gets T_{g+1} only, and the session ends when V returns', async () => {
    const { grant } = await one.enter();
    const key = k();
    const victim = await one.present(grant.token, key);
    for (let hour = 0; hour < 3; hour++) {
      await age(database(), grant.sid, 3_600);
      expect((await two.present(grant.token, key)).token).to.equal(victim.token);
    }
    expect(await said(one.present(victim.token, k()))).to.equal(3);
    expect(await said(two.present(grant.token, key))).to.equal('rotation_superseded');
    await age(database(), grant.sid, 61);
    expect(await said(two.present(grant.token, key))).to.equal('token_reused');
  });

  it('A* replays without end, V never returns: the session ends by its absolute limit', async () => {
    const { grant } = await one.enter();
    const key = k();
    await one.present(grant.token, key);
    await passTime(database(), grant.sid, 11 * 3_600_000);
    expect(await said(two.present(grant.token, key))).to.equal(2);
    await passTime(database(), grant.sid, 3_600_000);
    expect(await said(two.present(grant.token, key))).to.equal('session_expired');
  });

  it('A forges an ack: V has to read the token again, and a much later retry is detected', async () => {
    const { grant } = await one.enter();
    const key = k();
    await one.present(grant.token, key);
    two.domain.sessions.confirmStored(grant.sid, 2);
    await two.flush();
    expect(await said(one.present(grant.token, key))).to.equal('rotation_superseded');
    await age(database(), grant.sid, 61);
    expect(await said(one.present(grant.token, key))).to.equal('token_reused');
  });

  it('logout · rotate: the token is refused', async () => {
    const { grant } = await one.enter();
    expect(await two.flows.logout(grant.sid, 'session')).to.deep.equal({ ended: 1 });
    expect(await said(one.present(grant.token, k()))).to.equal('session_revoked');
    expect((await readRow(database(), grant.sid)).gen).to.equal(1);
  });

  it('rotate · logout: T_{g+1} is refused, also with its key', async () => {
    const { grant } = await one.enter();
    const key = k();
    const next = await one.present(grant.token, key);
    await two.flows.logout(grant.sid, 'session');
    expect(await said(one.present(next.token, k()))).to.equal('session_revoked');
    expect(await said(one.present(grant.token, key))).to.equal('session_revoked');
  });

  describe('database restored to gen-2', () => {
    async function restored() {
      const { grant } = await one.enter();
      const restore = await backUp(database(), grant.sid);
      const second = await one.present(grant.token, k());
      const third = await one.present(second.token, k());
      await restore();
      return { old: grant, newest: third };
    }

    it('V(g): generation_unknown ends the session, and the old token is refused', async () => {
      const { old, newest } = await restored();
      expect(await said(one.present(newest.token, k()))).to.equal('generation_unknown');
      expect(await said(two.present(old.token, k()))).to.equal('session_revoked');
      expect(await ended()).to.deep.equal([`${old.sid} generation_unknown`]);
    });

    it('A with T_gen-2 · V(g): the session ends for A as well', async () => {
      const { old, newest } = await restored();
      const thief = await two.present(old.token, k());
      expect(thief.generation).to.equal(2);
      expect(await said(one.present(newest.token, k()))).to.equal('generation_unknown');
      expect(await said(two.present(thief.token, k()))).to.equal('session_revoked');
    });

    it('A twice, up to the generation of V · V(g): another tag is an unknown generation as well', async () => {
      const { old, newest } = await restored();
      const thief = await two.present((await two.present(old.token, k())).token, k());
      expect(thief.generation).to.equal(newest.generation);
      expect(await said(one.present(newest.token, k()))).to.equal('generation_unknown');
      expect(await said(two.present(thief.token, k()))).to.equal('session_revoked');
    });
  });
});
