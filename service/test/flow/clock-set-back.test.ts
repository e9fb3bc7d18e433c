import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { signAccessToken } from '../../src/domain/token/access-token.ts';
import { emptyTables, onEachDatabase, openShifted, type ShiftedDatabase } from '../databases.ts';
import { type Fixture, newKey, openFixture, said } from './fixture.ts';

const hour = 3_600_000;

onEachDatabase('a database whose clock is set back', (database) => {
  describe('with two running nodes', () => {
    let shifted: ShiftedDatabase;
    let nodes: Fixture[];

    before(async () => {
      await emptyTables(database());
      await sql`UPDATE cluster SET clock_high = now(), clock_resets = 0`.execute(database().db);
      shifted = await openShifted(database());
      nodes = [await openFixture(shifted.database), await openFixture(shifted.database)];
    });
    after(async () => {
      for (const node of nodes) await node.stop();
      for (const node of nodes) expect(node.errors).to.deep.equal([]);
      await shifted.close();
    });

    const read = async () => {
      for (const { domain } of nodes) await domain.feed.catchUp();
    };
    const atEach = (ask: (node: Fixture) => Promise<string>) => Promise.all(nodes.map(ask));
    const authenticate = (token: string) => atEach((node) => codeOf(node.flows.authenticate(token)));
    const kids = () => nodes.map(({ domain }) => domain.keys.jwks().keys.map(({ kid }) => kid));
    const setBacks = () => nodes.flatMap(({ clockNews }) => clockNews.filter(({ kind }) => kind === 'set_back'));

    /** A token of the same live session that expired so many seconds ago. */
    async function expired(node: Fixture, token: string, secondsAgo = 1_800): Promise<string> {
      const { claims } = await node.flows.authenticate(token);
      const exp = Math.floor(node.domain.databaseClock.now() / 1_000) - secondsAgo;
      return signAccessToken({ ...claims, exp }, {}, node.domain.keys.current());
    }

    it('by 20 s keeps tokens and keys valid, and expired tokens are refused', async () => {
      const { grant } = await nodes[0]!.enter();
      const old = await expired(nodes[0]!, grant.accessToken, 15);
      expect(await authenticate(old)).to.deep.equal(['unauthenticated', 'unauthenticated']);
      const before = kids();
      await shifted.shift(-20_000);
      await read();
      expect(await authenticate(grant.accessToken)).to.deep.equal(['done', 'done']);
      expect(await authenticate(old)).to.deep.equal(['unauthenticated', 'unauthenticated']);
      const entered = await nodes[1]!.enter();
      expect(await authenticate(entered.grant.accessToken)).to.deep.equal(['done', 'done']);
      expect(kids()).to.deep.equal(before);
      expect(setBacks()).to.deep.equal([]);
    });

    it('by 2 h causes one new pair of signing keys, no session ends, and ended or expired tokens are refused', async () => {
      const [one, two] = nodes as [Fixture, Fixture];
      const { grant, key } = await one.enter();
      const ended = await two.enter();
      await one.flows.logout(ended.grant.sid, 'session');
      const old = await expired(one, grant.accessToken);
      const { code } = await one.register();
      const before = kids();

      await shifted.shift(-2 * hour);
      // Not read yet: the time by which this process judges has not changed.
      expect(await codeOf(one.flows.authenticate(old))).to.equal('unauthenticated');
      await Promise.all(nodes.map(({ domain }) => domain.feed.catchUp()));
      await read();

      const [here, there] = kids() as [string[], string[]];
      expect(here).to.have.length(2);
      expect(there).to.deep.equal(here);
      expect(here.filter((kid) => before.flat().includes(kid))).to.deep.equal([]);
      expect(setBacks()).to.have.length(1);
      expect(setBacks()[0])
        .to.have.property('backMs')
        .that.is.closeTo(2 * hour - 20_000, 30_000);
      for (const token of [grant.accessToken, ended.grant.accessToken, old])
        expect(await authenticate(token)).to.deep.equal(['unauthenticated', 'unauthenticated']);
      // A code from before would live for two hours once more.
      expect(await codeOf(two.redeem(code, newKey()))).to.equal('code_expired');

      expect(await said(two.present(grant.token, newKey()))).to.equal(2);
      expect(await said(one.present(grant.token, key))).to.be.oneOf(['rotation_superseded', 'rotation_contended', 2]);
      const fresh = await one.flows.refresh(grant.sid);
      expect(await authenticate(fresh.accessToken)).to.deep.equal(['done', 'done']);
      expect(await codeOf(one.flows.refresh(ended.grant.sid))).to.equal('session_revoked');
      const entered = await two.enter();
      expect(await authenticate(entered.grant.accessToken)).to.deep.equal(['done', 'done']);
    });

    it('while no node runs is detected at the next start', async () => {
      const { grant } = await nodes[0]!.enter();
      const old = await expired(nodes[0]!, grant.accessToken);
      for (const node of nodes) await node.stop();
      await shifted.shift(-5 * hour);
      nodes = [await openFixture(shifted.database), await openFixture(shifted.database)];
      expect(setBacks()).to.have.length(1);
      for (const token of [grant.accessToken, old])
        expect(await authenticate(token)).to.deep.equal(['unauthenticated', 'unauthenticated']);
      expect(await said(nodes[1]!.present(grant.token, newKey()))).to.equal(2);
      const fresh = await nodes[1]!.flows.refresh(grant.sid);
      expect(await authenticate(fresh.accessToken)).to.deep.equal(['done', 'done']);
    });
  });
});
