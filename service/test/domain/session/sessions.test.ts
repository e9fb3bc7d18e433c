import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import { readFeedPage } from '../../../src/domain/revocation/revocation-store.ts';
import type { NewSession } from '../../../src/domain/session/session.ts';
import type { Sessions, SessionsOptions } from '../../../src/domain/session/sessions.ts';
import { emptyTables, epochOf, onEachDatabase } from '../../databases.ts';
import { inTime } from '../../deadlines.ts';
import { passTime, readRow } from '../../session-rows.ts';
import { openSessions } from './open-sessions.ts';

onEachDatabase('sessions', (database) => {
  const db = () => database().db;
  let uid: string;
  let epoch: string;
  let errors: unknown[];

  beforeEach(async () => {
    await emptyTables(database());
    epoch = await epochOf(database());
    uid = randomUUID();
    errors = [];
    await sql`INSERT INTO users (id, tenant_id, email, email_key) VALUES (${uid}, 'default', 'a@b', 'a@b')`.execute(
      db(),
    );
  });

  const create = (options: Partial<SessionsOptions> = {}): Sessions =>
    openSessions(db(), { epoch, onError: (error) => errors.push(error), ...options });

  const code = (overrides: Partial<NewSession> = {}): NewSession => ({
    sid: randomUUID(),
    userId: uid,
    credentialVersion: 1,
    codeVersion: null,
    tag: Buffer.alloc(16, 1),
    jkt: null,
    authTime: 1_000,
    amr: ['pwd'],
    scope: null,
    claims: { role: 'x' },
    userAgent: 'agent',
    addressPrefix: '127.0.0.0/24',
    until: Date.now() + 5_000,
    epoch,
    ...overrides,
  });

  it('opens the session of a code at generation 1, with its claims and limits', async () => {
    const opened = await create({ idleMinutes: 5 }).open(db(), code({ sid: '11111111-1111-4111-8111-111111111111' }));
    expect(opened).to.include({ gen: 1, userId: uid, tenantId: 'default', authTime: 1_000, idleSeconds: 300 });
    expect(opened!.claims).to.deep.equal({ role: 'x' });
    expect(opened!.tag).to.deep.equal(Buffer.alloc(16, 1));
    const life = opened!.expiresAtMs - opened!.readAtMs;
    expect(life).to.be.within(3_599_000, 3_600_000);
    expect(opened!.idleExpiresAtMs! - opened!.readAtMs).to.be.within(299_000, 300_000);
    expect(opened!.expiresAtMs % 1_000).to.equal(0);
  });

  it('opens no session for a used code, for a user or tenant that was signed out since, or for a disabled user', async () => {
    const sessions = create();
    const first = code();
    expect(await sessions.open(db(), first)).to.not.equal(undefined);
    expect(await sessions.open(db(), first)).to.equal(undefined);
    expect(await sessions.open(db(), code({ credentialVersion: 0 }))).to.equal(undefined);
    expect(await sessions.open(db(), code({ codeVersion: 0 }))).to.equal(undefined);
    expect(await sessions.open(db(), code({ codeVersion: 1 }))).to.not.equal(undefined);
    await sql`UPDATE users SET disabled_at = now() WHERE id = ${uid}`.execute(db());
    expect(await sessions.open(db(), code())).to.equal(undefined);
  });

  it('opens one session for many concurrent redemptions of a code', async () => {
    const sessions = create();
    const one = code();
    const opened = await Promise.all(
      Array.from({ length: 12 }, () =>
        db()
          .transaction()
          .execute((tx) => sessions.open(tx, one)),
      ),
    );
    expect(opened.filter((session) => session !== undefined)).to.have.length(1);
  });

  it('uses the limits of the tenant when these are set', async () => {
    await sql`UPDATE tenants SET max_active_minutes = 1, max_idle_minutes = 2`.execute(db());
    const opened = await create().open(db(), code());
    expect(opened!.expiresAtMs - opened!.readAtMs).to.be.at.most(60_000);
    expect(opened!.idleSeconds).to.equal(120);
  });

  it('ends the oldest sessions of a user with more than the maximum, also when many are opened at once', async () => {
    const sessions = create();
    const codes = Array.from({ length: 6 }, () => code());
    await Promise.all(
      codes.map((one) =>
        db()
          .transaction()
          .execute((tx) => sessions.open(tx, one)),
      ),
    );
    expect(await sessions.list(db(), uid)).to.have.length(3);
    const reasons = (await readFeedPage(db(), 0)).entries.map((entry) => entry.reason);
    expect(reasons).to.deep.equal(['session_limit', 'session_limit', 'session_limit']);
  });

  it('never ends the session that it has just opened, even when others are newer', async () => {
    const sessions = create();
    const others = Array.from({ length: 3 }, () => code());
    for (const other of others) await sessions.open(db(), other);
    await sql`UPDATE sessions SET created_at = created_at + interval '1 minute'`.execute(db());
    const opened = await sessions.open(db(), code());
    expect(await sessions.live(db(), opened!.sid)).to.not.equal(undefined);
    expect((await readFeedPage(db(), 0)).entries.map((entry) => entry.sid)).to.deep.equal([others[0]!.sid]);
  });

  it('ends one session, all others, or all, only for its user', async () => {
    const sessions = create();
    const [one, two, three] = [code(), code(), code()];
    for (const session of [one, two, three]) await sessions.open(db(), session);
    expect(await sessions.end(db(), { sid: one.sid, userId: randomUUID() }, 'logout', inTime())).to.deep.equal([]);
    expect(await sessions.end(db(), { sid: one.sid, userId: uid }, 'logout', inTime())).to.deep.equal([one.sid]);
    expect(await sessions.end(db(), { userId: uid, except: two.sid }, 'ended_by_user', inTime())).to.deep.equal([
      three.sid,
    ]);
    expect(await sessions.end(db(), { userId: uid }, 'ended_by_operator', inTime())).to.deep.equal([two.sid]);
    expect(await sessions.live(db(), two.sid)).to.equal(undefined);
    expect((await readFeedPage(db(), 0)).entries.map((entry) => entry.reason)).to.deep.equal([
      'logout',
      'ended_by_user',
      'ended_by_operator',
    ]);
  });

  it('ends many at once, each for its own user and reason, numbered without a gap', async () => {
    const sessions = create({ maxSessionsPerUser: 99 });
    const all = Array.from({ length: 20 }, () => code());
    for (const session of all) await sessions.open(db(), session);
    const reasonOf = (index: number) => (index % 3 === 0 ? 'logout' : 'ended_by_user');
    const strangers = all.map(({ sid }) =>
      sessions.end(db(), { sid, userId: randomUUID() }, 'ended_by_operator', inTime()),
    );
    const spelt = (sid: string, index: number) => (index % 2 === 0 ? sid : sid.toUpperCase());
    const owners = all.map(({ sid }, index) =>
      sessions.end(db(), { sid: spelt(sid, index), userId: uid }, reasonOf(index), inTime()),
    );
    const again = all.map(({ sid }) => sessions.end(db(), { sid, userId: uid }, 'ended_by_operator', inTime()));
    expect((await Promise.all(strangers)).flat()).to.deep.equal([]);
    expect((await Promise.all(owners)).flat()).to.deep.equal(all.map(({ sid }) => sid));
    expect((await Promise.all(again)).flat()).to.deep.equal([]);
    const { entries, head } = await readFeedPage(db(), 0);
    expect(entries.map(({ seq }) => seq)).to.deep.equal(Array.from({ length: 20 }, (_, index) => head - 19 + index));
    const told = new Map(entries.map(({ sid, reason }) => [sid, reason]));
    expect(all.map(({ sid }) => told.get(sid))).to.deep.equal(all.map((_, index) => reasonOf(index)));
  });

  it('returns at an inspection the reason of an end, and ends a session that has expired', async () => {
    const sessions = create({ idleMinutes: 5 });
    const [live, idle, old, ended] = [code(), code(), code(), code()];
    const roomy = create({ idleMinutes: 5, maxSessionsPerUser: 9 });
    for (const session of [live, idle, old, ended]) await roomy.open(db(), session);
    await passTime(database(), idle.sid, 301_000);
    await passTime(database(), old.sid, 3_601_000);
    await sessions.end(db(), { sids: [ended.sid] }, 'ended_by_operator', inTime());
    const gone = randomUUID();
    const states = await sessions.inspect([live.sid, idle.sid, old.sid, ended.sid, gone]);
    expect(states.map((state) => (state.alive ? 'alive' : state.reason))).to.deep.equal([
      'alive',
      'idle_timeout',
      'expired',
      'ended_by_operator',
      'expired',
    ]);
    expect((await readFeedPage(db(), 0)).entries.map((entry) => entry.reason).toSorted()).to.deep.equal([
      'ended_by_operator',
      'expired',
      'idle_timeout',
    ]);
  });

  it('extends the idle limit when the user is active, and not of an ended session', async () => {
    const sessions = create({ idleMinutes: 5 });
    const [one, over] = [code(), code()];
    for (const session of [one, over]) await sessions.open(db(), session);
    await passTime(database(), one.sid, 200_000);
    await passTime(database(), over.sid, 400_000);
    sessions.markActive(one.sid);
    sessions.markActive(over.sid);
    await sessions.flush();
    const states = await sessions.inspect([one.sid, over.sid]);
    expect(states[0]).to.include({ alive: true });
    expect((states[0] as { idleExpiresInSeconds: number }).idleExpiresInSeconds).to.be.within(295, 300);
    expect(states[1]).to.include({ alive: false, reason: 'idle_timeout' });
    expect(errors).to.deep.equal([]);
  });

  it('confirms only the current generation', async () => {
    const sessions = create();
    const [one, two] = [code(), code()];
    for (const session of [one, two]) await sessions.open(db(), session);
    sessions.confirmStored(one.sid, 1);
    sessions.confirmStored(two.sid, 2);
    await sessions.flush();
    expect((await readRow(database(), one.sid)).confirmed).to.equal(true);
    expect((await readRow(database(), two.sid)).confirmed).to.equal(false);
  });

  it('keeps ended rows for a day, so that their code cannot open them again', async () => {
    const sessions = create();
    const [one, two] = [code(), code()];
    for (const session of [one, two]) await sessions.open(db(), session);
    await passTime(database(), one.sid, 26 * 3_600_000);
    await passTime(database(), two.sid, 20 * 3_600_000);
    expect(await sessions.deleteEnded()).to.equal(1);
    expect(await sessions.open(db(), two)).to.equal(undefined);
  });
});
