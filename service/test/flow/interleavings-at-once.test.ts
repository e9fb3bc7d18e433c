import { expect } from 'chai';
import { readFeedPage } from '../../src/domain/revocation/revocation-store.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { readRow } from '../session-rows.ts';
import { type Fixture, newKey, openFixture, said } from './fixture.ts';

/** The rows whose steps meet: two nodes over one database. */
onEachDatabase('concurrent interleavings', (database) => {
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

  it('two tabs present (g,k) together: both get the same successor', async () => {
    for (const [left, right] of [
      [one, one],
      [one, two],
    ] as const) {
      const { grant } = await one.enter();
      const key = k();
      const [first, second] = await Promise.all([left.present(grant.token, key), right.present(grant.token, key)]);
      expect(second.token).to.equal(first.token);
      expect((await readRow(database(), grant.sid)).gen).to.equal(2);
    }
  });

  it('logout during a rotation, many times: the session is ended in either order', async () => {
    for (let i = 0; i < 12; i++) {
      const { grant } = await one.enter();
      const key = k();
      const rotating = said(one.present(grant.token, key));
      const [verdict, answer] = await Promise.all([rotating, two.flows.logout(grant.sid, 'session')]);
      expect(answer).to.deep.equal({ ended: 1 });
      expect(verdict).to.be.oneOf([2, 'session_revoked']);
      expect(await said(two.present(grant.token, key))).to.equal('session_revoked');
    }
    expect(await ended()).to.have.length(12);
  });

  it('two requests of one session at once: the second is in the next batch, on one node and on two', async () => {
    for (const other of [one, two]) {
      const { grant } = await one.enter();
      const verdicts = await Promise.all([said(one.present(grant.token, k())), said(other.present(grant.token, k()))]);
      expect(verdicts.toSorted()).to.deep.equal([2, 'rotation_contended']);
    }
  });

  it('50 sockets, one code, distinct keys: one session is opened, then code_used ends it', async () => {
    const { code } = await one.register();
    const sockets = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : two).redeem(code, k()));
    const answers = await Promise.allSettled(sockets);
    const granted = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
    expect(granted).to.have.length(1);
    expect(refused).to.deep.equal(Array.from({ length: 49 }, () => 'code_used'));
    expect(await ended()).to.deep.equal([`${granted[0]!.sid} code_used`]);
    expect(await said(one.present(granted[0]!.token, k()))).to.equal('session_revoked');
  });

  it('50 sockets, one code, one key: one session is opened, and all get the identical token', async () => {
    const { code } = await one.register();
    const key = k();
    const grants = await Promise.all(Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? one : two).redeem(code, key)));
    expect(new Set(grants.map(({ token }) => token)).size).to.equal(1);
    expect(await ended()).to.deep.equal([]);
  });

  it('logout on node A, socket on node B: B receives it by its own read of the feed', async () => {
    const { grant } = await two.enter();
    const heard = new Promise<string>((resolve) =>
      two.domain.feed.onEnded((sid, reason) => resolve(`${sid} ${reason}`)),
    );
    await one.flows.logout(grant.sid, 'session');
    expect(await heard).to.equal(`${grant.sid} logout`);
    expect(two.domain.feed.reason(grant.sid)).to.equal('logout');
  });
});
