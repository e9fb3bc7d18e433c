import { randomUUID } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { waitFor } from '../../../../test-kit/wait-for.ts';
import { createDatabaseClock } from '../../../src/db/database-clock.ts';
import type { Database } from '../../../src/db/types.ts';
import { appendRevocations } from '../../../src/domain/revocation/revocation.ts';
import { createRevocationFeed, type FeedSegment } from '../../../src/domain/revocation/revocation-feed.ts';
import { deleteExpiredRevocations, readFeedPage } from '../../../src/domain/revocation/revocation-store.ts';
import { endSessions } from '../../../src/domain/session/session-end-store.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { insertSession } from '../../session-rows.ts';

const clock = createSystemClock();
const unseen = { check: async () => {} };
/** The epoch is served. */
const calm = {
  follow: async () => true,
  compare: <T>(_db: unknown, read: () => Promise<T>) => read(),
  checkConnections: () => () => {},
};
const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function endNew(database: Database, retentionSeconds = 100): Promise<string> {
  const sid = await insertSession(database, Buffer.alloc(16, 7));
  await endSessions(
    database.db,
    { target: { sids: [sid] }, reason: 'logout' },
    { appendRevocations, retentionSeconds },
  );
  return sid;
}

onEachDatabase('revocation feed', (database) => {
  const open: { stop(): Promise<void> }[] = [];
  beforeEach(() => emptyTables(database()));
  afterEach(async () => {
    for (const feed of open.splice(0)) await feed.stop();
  });

  function follow(from: Database = database()) {
    const errors: unknown[] = [];
    const databaseClock = createDatabaseClock({ clock });
    const onError = (error: unknown) => errors.push(error);
    const feed = createRevocationFeed({
      database: from,
      databaseClock,
      failover: calm,
      now: databaseClock.now,
      clockGuard: unseen,
      clock,
      onError,
    });
    open.push(feed);
    const heard: string[] = [];
    feed.onEnded((sid, reason) => heard.push(`${sid} ${reason}`));
    return { feed, databaseClock, heard, errors };
  }

  it('has earlier revocations at its start, and receives later ones at once', async () => {
    const before = await endNew(database());
    const { feed, heard } = follow();
    await feed.start();
    expect(feed.reason(before)).to.equal('logout');
    heard.length = 0;
    const after = await endNew(database());
    await waitFor(() => heard.length === 1);
    expect(heard).to.deep.equal([`${after} logout`]);
    expect(feed.reason(after)).to.equal('logout');
  });

  it('samples the clock of the database with each read, also without new revocations', async () => {
    const { feed, databaseClock } = follow();
    expect(databaseClock.isKnown).to.equal(false);
    await feed.start();
    const { rows } = await sql<{
      ms: number;
    }>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`.execute(database().db);
    expect(databaseClock.earliest()).to.be.closeTo(rows[0]!.ms, 1_000);
    expect(databaseClock.latest()).to.be.at.least(rows[0]!.ms);
    expect(databaseClock.widthMs()).to.be.below(1_000);
    const firstAt = clock.monotonic() - databaseClock.ageMs();
    await waitFor(() => clock.monotonic() - databaseClock.ageMs() > firstAt + 100);
  });

  it('is as old as its last read, also when this machine was suspended since', async () => {
    const { feed, databaseClock } = follow();
    await feed.start();
    expect(feed.ageMs()).to.be.below(600);
    const at = clock.monotonic();
    // Before the next poll: an answer says that it is a minute later than this process could know.
    databaseClock.sample({ sentAt: at, answeredAt: at, time: databaseClock.latest() + 60_000 });
    expect(feed.ageMs()).to.be.above(59_000);
    await feed.catchUp();
    expect(feed.ageMs()).to.be.below(600);
  });

  it('sends subscribers the entries that they lack, and then every segment without a gap', async () => {
    const { feed } = follow();
    expect(() => feed.since(undefined, undefined))
      .to.throw()
      .with.property('code', 'revocations_not_ready');
    const old = [await endNew(database()), await endNew(database())];
    await feed.start();
    const all = feed.since(undefined, undefined);
    expect(all).to.deep.include({ kind: 'snapshot', seq: 2 });
    expect(all.entries.map(({ sid }) => sid)).to.deep.equal(old);
    const pieces: FeedSegment[] = [];
    feed.onSegment((piece) => pieces.push(piece));
    const next = await endNew(database());
    await waitFor(() => pieces.length === 1);
    expect(pieces[0]).to.deep.include({ kind: 'delta', epoch: all.epoch, seq: 3 });
    expect(pieces[0]!.entries.map(({ sid, seq }) => [sid, seq])).to.deep.equal([[next, 3]]);
    expect(feed.since(all.epoch, 1)).to.deep.include({ kind: 'delta', seq: 3 });
    expect(feed.since(all.epoch, 1).entries.map(({ seq }) => seq)).to.deep.equal([2, 3]);
    expect(feed.since(all.epoch, 3).entries).to.deep.equal([]);
    for (const [epoch, seq] of [
      ['another', 1],
      [all.epoch, 4],
    ] as const)
      expect(feed.since(epoch, seq)).to.deep.include({ kind: 'snapshot', seq: 3 });
  });

  it('returns no delta across a gap, and a snapshot when numbers restart', async () => {
    await endNew(database(), -1);
    await endNew(database());
    await deleteExpiredRevocations(database().db);
    const { feed } = follow();
    await feed.start();
    const { epoch } = feed.since(undefined, undefined);
    expect(feed.since(epoch, 0).kind).to.equal('snapshot');
    expect(feed.since(epoch, 1).kind).to.equal('delta');
    const pieces: FeedSegment[] = [];
    feed.onSegment((piece) => pieces.push(piece));
    await sql`UPDATE blacklist_head SET counter = counter + 1, seq = 0, floor = 0`.execute(database().db);
    await sql`DELETE FROM blacklist`.execute(database().db);
    await waitFor(() => pieces.length === 1);
    expect(pieces[0]).to.deep.include({ kind: 'snapshot', seq: 0 });
    expect(pieces[0]!.epoch).not.to.equal(epoch);
    expect(pieces[0]!.entries).to.have.length(1);
  });

  it('finds the end of a session within a second by polling, without a notification', async () => {
    const deaf = { ...database(), listen: async () => async () => {} };
    const { feed, heard } = follow(deaf);
    await feed.start();
    const sid = await endNew(database());
    const began = performance.now();
    await waitFor(() => heard.length === 1);
    expect(heard[0]).to.contain(sid);
    expect(performance.now() - began).to.be.below(1_000);
  });

  it('receives each of many revocations once, in any order of commits', async function () {
    this.timeout(30_000);
    const { feed, heard } = follow();
    await feed.start();
    const sids = await Promise.all(Array.from({ length: 60 }, () => insertSession(database(), Buffer.alloc(16, 7))));
    const options = { appendRevocations, retentionSeconds: 100 };
    await Promise.all(
      sids.map((sid) =>
        database()
          .db.transaction()
          .execute(async (tx) => {
            await endSessions(tx, { target: { sids: [sid] }, reason: 'ended_by_operator' }, options);
            await sql`SELECT pg_sleep(${Math.random() / 100})`.execute(tx);
          }),
      ),
    );
    await waitFor(() => heard.length >= sids.length);
    expect(heard.toSorted()).to.deep.equal(sids.map((sid) => `${sid} ended_by_operator`).toSorted());
    const page = await readFeedPage(database().db, 0);
    expect(page.entries.map((entry) => entry.seq)).to.deep.equal(sids.map((_, index) => index + 1));
  });

  it('is read from the beginning when numbers were assigned twice', async () => {
    const { feed, heard } = follow();
    await feed.start();
    await endNew(database());
    await endNew(database());
    await feed.catchUp();
    // A restored backup: the head went back, and other sessions end under the same numbers.
    await sql`DELETE FROM blacklist`.execute(database().db);
    await sql`UPDATE blacklist_head SET seq = 0, counter = counter + 1`.execute(database().db);
    const sid = await endNew(database());
    await feed.catchUp();
    expect(heard.at(-1)).to.contain(sid);
    expect(feed.size).to.equal(3);
  });

  it('ends a read when rows are deleted that the head has counted', async () => {
    const { feed, heard } = follow();
    await endNew(database());
    await sql`DELETE FROM blacklist`.execute(database().db);
    await feed.start();
    const sid = await endNew(database());
    await feed.catchUp();
    expect(heard).to.deep.equal([`${sid} logout`]);
  });

  it('does not read after its stop, despite callers during the last read', async () => {
    let reads = 0;
    const db = database().db.withPlugin({
      transformQuery({ node }) {
        reads++;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    const { feed, errors } = follow({ ...database(), db, listen: async () => async () => {} });
    await feed.start();
    const before = reads;
    const asked = [feed.catchUp(), feed.catchUp()];
    await feed.stop();
    await Promise.all(asked);
    expect(reads - before).to.equal(1);
    expect(errors).to.deep.equal([]);
  });

  it('removes an entry once all access tokens of the session have expired', async () => {
    const { feed } = follow();
    const sid = await endNew(database(), 1);
    await feed.start();
    expect(feed.reason(sid)).to.equal('logout');
    await pauseMs(1_100);
    await feed.catchUp();
    expect(feed.reason(sid)).to.equal(undefined);
  });

  it('reports the age of its last read', async () => {
    const { feed } = follow();
    await feed.start();
    expect(feed.ageMs()).to.be.below(1_000);
  });

  it('is deleted from its beginning, so that the rest has no gaps', async () => {
    await endNew(database(), 0);
    await endNew(database(), 100);
    await endNew(database(), 0);
    await pauseMs(5);
    expect(await deleteExpiredRevocations(database().db)).to.equal(1);
    const page = await readFeedPage(database().db, 0);
    expect(page.floor).to.equal(1);
    expect(page.entries.map((entry) => entry.seq)).to.deep.equal([2, 3]);
  });

  it('is deleted in chunks with short locks', async () => {
    await sql`INSERT INTO blacklist (seq, sid, reason, created_at, expires_at)
      SELECT n, gen_random_uuid(), 'logout', now(), now() FROM generate_series(1, 12001) n`.execute(database().db);
    await sql`UPDATE blacklist_head SET seq = 12001`.execute(database().db);
    await endNew(database(), 100);
    let most = 0;
    const watched = database().db.withPlugin({
      transformQuery: ({ node }) => node,
      async transformResult({ result }) {
        most = Math.max(most, Number((result.rows[0] as { removed?: number }).removed ?? 0));
        return result;
      },
    });
    expect(await deleteExpiredRevocations(watched)).to.equal(12_001);
    expect(most).to.be.within(1, 5_000);
    const { floor, entries } = await readFeedPage(database().db, 0);
    expect({ floor, left: entries.map(({ seq }) => seq) }).to.deep.equal({ floor: 12_001, left: [12_002] });
  });

  it('records the end of a session once', async () => {
    const first = await endNew(database());
    for (const sid of [first, randomUUID()]) {
      const end = { target: { sids: [sid] }, reason: 'logout' as const };
      const { ended } = await endSessions(database().db, end, { appendRevocations, retentionSeconds: 9 });
      expect(ended).to.deep.equal([]);
    }
    expect((await readFeedPage(database().db, 0)).head).to.equal(1);
  });
});
