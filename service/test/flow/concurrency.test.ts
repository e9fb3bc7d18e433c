import { randomInt, randomUUID } from 'node:crypto';
import { Failure } from '@latchkey/contract';
import type { Grant } from '@latchkey/core';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createPostgresDatabase } from '../../src/db/postgres.ts';
import type { Database } from '../../src/db/types.ts';
import { deleteExpiredRevocations, readFeedPage } from '../../src/domain/revocation/revocation-store.ts';
import { confirmStored, markActive } from '../../src/domain/session/session-store.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { challenge, type Fixture, newKey, openFixture } from './fixture.ts';

const runMs = 4_000;
/** A slow machine gets more time to do as much. */
const longestMs = 30_000;
const leastGiven = 200;
const env = { LATCHKEY_MAX_SESSIONS_PER_USER: '3', LATCHKEY_IDLE_TIMEOUT_IN_MINS: '60' };
const lawful = [
  ...['session_revoked', 'token_reused', 'rotation_superseded', 'rotation_contended'],
  // Of a code that was made before a logout everywhere.
  ...['code_used', 'code_invalid'],
];
const pick = <T>(list: readonly T[]): T => list[randomInt(list.length)]!;
const shuffled = <T>(list: readonly T[]): T[] => list.toSorted(() => randomInt(3) - 1);

/** A second pool on the same database: connections of another process. */
function another({ pool }: Database): Database {
  const url = pool!.options.connectionString!;
  return createPostgresDatabase({ url, poolSize: 10, clock: createSystemClock(), onError: () => {} });
}

onEachDatabase('all flows at once', (database) => {
  let second: Database;
  let fixtures: [Fixture, Fixture];
  let users: string[];
  let codes: Map<string, number>;
  /** Every token that was given out, by session and generation. */
  let given: Map<string, Set<string>>;
  let living: string[];

  before(async function () {
    if (database().kind !== 'postgres') this.skip();
    await emptyTables(database());
    second = another(database());
    fixtures = [await openFixture(database(), { env }), await openFixture(second, { env })];
    const entered = await Promise.all(Array.from({ length: 5 }, () => fixtures[0].enter()));
    users = entered.map(({ grant }) => grant.userId);
    living = entered.map(({ grant }) => grant.sid);
    [codes, given] = [new Map(), new Map()];
  });
  after(async () => {
    for (const fixture of fixtures ?? []) await fixture.stop();
    await second?.close();
  });

  /** What a failure is called, counted; anything that is no lawful answer of this run ends the test. */
  async function heard<T>(work: Promise<T>): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof Failure) || !lawful.includes(error.code)) throw error;
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      return undefined;
    }
  }

  function keep(grant: Grant | undefined): Grant | undefined {
    if (grant === undefined) return undefined;
    const name = `${grant.sid} ${grant.generation}`;
    given.set(name, (given.get(name) ?? new Set()).add(grant.token));
    return grant;
  }

  /** A code as a login gives it, without the price of a hash. */
  async function codeFor(sub: string): Promise<string> {
    const { credentialVersion: cv } = (await fixtures[0].domain.users.find(database().db, sub))!;
    const payload = { sid: randomUUID(), sub, tid: 'default', cv, auth_time: 1, amr: ['pwd'], cc: challenge };
    return fixtures[0].domain.codes.sign(payload);
  }

  /** A person whose tabs all ask at once, on two nodes, until the session ends; then signs in again. */
  async function person(isOver: () => boolean, userId: string): Promise<void> {
    while (!isOver()) {
      const [code, key] = [await codeFor(userId), newKey()];
      const opened = await Promise.all(fixtures.map((fixture) => heard(fixture.redeem(code, key))));
      let grant = opened.map(keep).find((one) => one !== undefined);
      if (grant !== undefined) living.push(grant.sid);
      while (grant !== undefined && !isOver()) grant = await rotate(grant);
    }
  }

  async function rotate({ token, sid }: Grant): Promise<Grant | undefined> {
    const key = newKey();
    const tabs = [...fixtures, ...fixtures].map((fixture) => heard(fixture.present(token, key)));
    const [next] = (await Promise.all(tabs)).map(keep).filter((grant) => grant !== undefined);
    if (next === undefined) return undefined;
    pick(fixtures).domain.sessions.confirmStored(sid, next.generation);
    pick(fixtures).domain.sessions.markActive(sid);
    // Now and then somebody shows a replaced token without its key.
    if (randomInt(40) === 0) await heard(pick(fixtures).present(token));
    return next;
  }

  async function over(isOver: () => boolean, pauseMs: number, work: () => Promise<unknown>): Promise<void> {
    while (!isOver()) {
      await heard(work());
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  it('cause no deadlock, leave no gap in the revocation feed, and give each generation one successor', async function () {
    this.timeout(60_000);
    const from = performance.now();
    const isOver = () => performance.now() - from > (given.size > leastGiven ? runMs : longestMs);
    const recent = () => shuffled(living.slice(-30));
    const { db } = second;
    await Promise.all([
      ...users.flatMap((user) => Array.from({ length: 4 }, () => person(isOver, user))),
      over(isOver, 5, () => confirmStored(db, new Map(recent().map((sid) => [sid, randomInt(1, 9)])))),
      over(isOver, 5, () => markActive(db, new Map(recent().map((sid) => [sid, Date.now()])))),
      over(isOver, 20, () => pick(fixtures).domain.sessions.inspect(recent())),
      over(isOver, 30, () => pick(fixtures).flows.logout(pick(living), pick(['session', 'others', 'all']))),
      over(isOver, 50, () => deleteExpiredRevocations(db)),
      over(isOver, 40, () =>
        Promise.all(fixtures.map(async (fixture) => fixture.redeem(await codeFor(users[0]!), newKey()))),
      ),
    ]);
    for (const fixture of fixtures) await fixture.flush();
    await settled();
  });

  async function settled(): Promise<void> {
    const { db } = database();
    expect(fixtures.flatMap(({ errors }) => errors)).to.deep.equal([]);
    expect([...given.values()].filter((tokens) => tokens.size !== 1)).to.deep.equal([]);
    const { rows } = await sql<{ sid: string; gen: number; over: boolean }>`
      SELECT sid, gen, revoked_at IS NOT NULL AS over FROM sessions`.execute(db);
    const highest = new Map<string, number>();
    for (const name of given.keys()) {
      const [sid, generation] = name.split(' ') as [string, string];
      highest.set(sid, Math.max(highest.get(sid) ?? 0, Number(generation)));
    }
    const wrong = rows.filter(({ sid, gen }) => highest.has(sid) && highest.get(sid) !== gen);
    expect(wrong).to.deep.equal([]);
    await expectFeed(rows.filter((row) => row.over).map((row) => row.sid));
    const deadlocks = await sql<{ count: number }>`SELECT deadlocks AS count FROM pg_stat_database
      WHERE datname = current_database()`.execute(db);
    expect(deadlocks.rows[0]!.count).to.equal(0);
    expect(codes.get('session_revoked')).to.be.greaterThan(0);
    expect(codes.get('token_reused')).to.be.greaterThan(0);

    expect(given.size).to.be.greaterThan(leastGiven);
  }

  /** Each ended session once, numbered without a gap, and known to both nodes. */
  async function expectFeed(over: readonly string[]): Promise<void> {
    const { entries, head } = await readFeedPage(database().db, 0);
    expect(entries.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: head }, (_, index) => index + 1));
    expect(entries.map(({ sid }) => sid).toSorted()).to.deep.equal(over.toSorted());
    for (const { domain } of fixtures) {
      await domain.feed.catchUp();
      expect(over.filter((sid) => domain.feed.reason(sid) === undefined)).to.deep.equal([]);
    }
  }
});
