import type { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { deadlineOf } from '../../src/db/deadline.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { inTime, tooLate } from '../deadlines.ts';
import { age, type Fixture, newKey, openFixture, peer, said, verifier } from './fixture.ts';

/** V is the owner, A a thief with an idle copy. */
onEachDatabase('a late presentation', (database) => {
  let fixture: Fixture;

  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(() => fixture.stop());

  const show = (credential: string, key: string, deadline = inTime(), further: readonly string[] = []) =>
    fixture.flows.exchange(
      { credential, rotationKey: key, alsoRotationKeys: further, peer, isDisconnected: () => false },
      undefined,
      {
        ...deadline,
        epoch: fixture.domain.databaseClock.epoch,
      },
    );
  /** The deadline of what was read so many seconds ago. */
  const readAgo = (seconds: number) => ({ ...inTime(), until: Date.now() + 5_000 - seconds * 1_000 });
  const isAlive = async (sid: string) => (await fixture.domain.sessions.inspect([sid]))[0]!.alive;

  for (const [seconds, expected] of [
    [75, 'busy'],
    [3, 'rotation_superseded'],
  ] as const) {
    it(`after ${seconds} s, while the owner rotated at another node, is ${expected}, and ends nothing`, async () => {
      const { grant } = await fixture.enter();
      const key = newKey();
      const next = await show(grant.token, key);
      const last = await show(next.token, newKey());
      await age(database(), grant.sid, seconds);
      expect(await said(show(grant.token, key, readAgo(seconds)))).to.equal(expected);
      expect(await said(show(last.token, newKey()))).to.equal(4);
    });
  }

  it('gets the identical token with the same key an hour after a lost answer', async () => {
    const { grant } = await fixture.enter();
    const key = newKey();
    const lost = await show(grant.token, key);
    await age(database(), grant.sid, 3_600);
    expect((await show(grant.token, key)).token).to.equal(lost.token);
  });

  it('of a second tab with another key is busy after 13 s, and a replay with all stored keys', async () => {
    const { grant } = await fixture.enter();
    const [first, second] = [newKey(), newKey()];
    const next = await show(grant.token, first);
    await age(database(), grant.sid, 13);
    expect(await said(show(grant.token, second, readAgo(13)))).to.equal('busy');
    expect((await show(grant.token, second, inTime(), [first])).token).to.equal(next.token);
  });

  it('by the time estimate of a suspended machine is busy, its answer corrects the estimate, and the retry rotates', async () => {
    const { grant } = await fixture.enter();
    await fixture.domain.feed.stop();
    fixture.suspendedMs = 600_000;
    const key = newKey();
    const exchange = () =>
      fixture.flows.exchange({
        credential: grant.token,
        rotationKey: key,
        alsoRotationKeys: [],
        peer,
        isDisconnected: () => false,
      });
    expect(await said(exchange())).to.equal('busy');
    expect(await said(exchange())).to.equal(2);
  });

  it('of a code opens no session, also when the row of the user was locked, and a retry with the same key opens it', async () => {
    const { code } = await fixture.register();
    const key = newKey();
    const redeem = (deadline = inTime()) =>
      fixture.flows.exchange(
        {
          credential: code,
          codeVerifier: verifier,
          rotationKey: key,
          alsoRotationKeys: [],
          peer,
          isDisconnected: () => false,
        },
        undefined,
        { ...deadline, epoch: fixture.domain.databaseClock.epoch },
      );
    expect(await said(redeem(tooLate()))).to.equal('busy');
    if (database().kind === 'postgres') {
      const waited = await whileUsersAreLocked(600, () => said(redeem({ ...inTime(), until: Date.now() + 300 })));
      expect(waited).to.equal('busy');
    }
    expect(await database().db.selectFrom('sessions').select('sid').execute()).to.deep.equal([]);
    const grant = await redeem();
    expect(grant.generation).to.equal(1);
    expect((await redeem()).token).to.equal(grant.token);
  });

  it('of a code within its deadline opens the session at the time after the wait for the row of the user', async function () {
    if (database().kind === 'embedded') this.skip();
    const { code } = await fixture.register();
    const from = Date.now();
    const grant = await whileUsersAreLocked(400, () => fixture.redeem(code, newKey()));
    const { rows } = await sql<{ ms: number }>`SELECT extract(epoch FROM created_at)::float8 * 1000 AS ms FROM sessions
      WHERE sid = ${grant.sid}`.execute(database().db);
    expect(rows[0]!.ms).to.be.at.least(from + 390);
  });

  it('of an attacker has no effect: the owner rotates, and the next timely one of the attacker ends the session', async () => {
    const { grant } = await fixture.enter();
    const thief = newKey();
    expect(await said(show(grant.token, thief, tooLate()))).to.equal('busy');
    expect(await said(show(grant.token, newKey()))).to.equal(2);
    expect(await said(show(grant.token, thief))).to.equal('rotation_contended');
    await age(database(), grant.sid, 61);
    expect(await said(show(grant.token, thief))).to.equal('token_reused');
    expect(await isAlive(grant.sid)).to.equal(false);
  });

  it('of the owner after an attacker rotated has no effect: the next timely one of the owner ends the session', async () => {
    const { grant } = await fixture.enter();
    expect(await said(show(grant.token, newKey()))).to.equal(2);
    const key = newKey();
    expect(await said(show(grant.token, key, tooLate()))).to.equal('busy');
    expect(await said(show(grant.token, key))).to.equal('rotation_contended');
    await age(database(), grant.sid, 11);
    expect(await said(show(grant.token, key))).to.equal('token_reused');
    expect(await isAlive(grant.sid)).to.equal(false);
  });

  it('is late by an asked_at of an hour ago, and an asked_at in the future counts as absent', async () => {
    const { grant } = await fixture.enter();
    const key = newKey();
    const asked = (askedAt: number) =>
      fixture.flows.exchange({
        credential: grant.token,
        rotationKey: key,
        alsoRotationKeys: [],
        askedAt,
        peer,
        isDisconnected: () => false,
      });
    expect(await said(asked(Date.now() - 3_600_000))).to.equal('busy');
    expect(await said(asked(Date.now() + 3_600_000))).to.equal(2);
    const received = { earliest: 10_000, latest: 10_020, epoch: '7.00000001' };
    expect(deadlineOf(received, 99_000)).to.deep.equal(deadlineOf(received));
    expect(deadlineOf(received, 9_000)).to.deep.equal({ until: 14_000, createdBefore: 10_020, epoch: '7.00000001' });
  });

  it('is unavailable over HTTP within 5 s of a suspension, unless it has an asked_at', () => {
    const { suspension } = fixture.domain;
    const codeWith = (askedAt?: number) => {
      try {
        return fixture.flows.receive()(askedAt).until > Date.now() ? 'in time' : 'late';
      } catch (error) {
        return (error as Failure).code;
      }
    };
    expect(codeWith()).to.equal('in time');
    suspension.markResumed();
    expect(codeWith()).to.equal('unavailable');
    expect(codeWith(Date.now() + 60_000)).to.equal('unavailable');
    expect(codeWith(Date.now())).to.equal('in time');
    expect(codeWith(Date.now() - 76_000)).to.equal('late');
    fixture.suspendedMs = -5_001;
    expect(codeWith()).to.equal('in time');
  });

  it('is answered with a retry_after_ms of 0 to 300 and the time of the database', async () => {
    const { grant } = await fixture.enter();
    const failures = await Promise.all(
      Array.from({ length: 20 }, () => show(grant.token, newKey(), tooLate()).catch((error: unknown) => error)),
    );
    for (const failure of failures) {
      expect(failure).to.include({ code: 'busy', verified: true });
      expect((failure as { retryAfterMs: number }).retryAfterMs).to.be.within(0, 300);
      expect((failure as { nowMs: number }).nowMs).to.be.closeTo(Date.now(), 2_000);
    }
    expect(
      await codeOf(
        fixture.flows.exchange({ credential: 'x', alsoRotationKeys: [], peer, isDisconnected: () => false }),
      ),
    ).to.equal('token_invalid');
  });

  /** Holds the rows of all users for so long, and does the work meanwhile. */
  async function whileUsersAreLocked<T>(ms: number, work: () => Promise<T>): Promise<T> {
    let working: Promise<T> | undefined;
    await database()
      .db.transaction()
      .execute(async (tx) => {
        await sql`SELECT FROM users FOR NO KEY UPDATE`.execute(tx);
        working = work();
        await new Promise((resolve) => setTimeout(resolve, ms));
      });
    return working!;
  }
});
