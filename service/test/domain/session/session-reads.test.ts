import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { sql } from 'kysely';
import type { Db } from '../../../src/db/schema.ts';
import { presenceStart, readPresencePage } from '../../../src/domain/presence/presence-store.ts';
import { deleteEnded, markExpired } from '../../../src/domain/session/session-cleanup.ts';
import { sessionsOfTenant } from '../../../src/domain/session/session-walk.ts';
import type { Sessions } from '../../../src/domain/session/sessions.ts';
import { readLiveTotals } from '../../../src/domain/traffic/totals-store.ts';
import { emptyTables, epochOf, onEachDatabase } from '../../databases.ts';
import { inTime } from '../../deadlines.ts';
import { copySession, insertSession } from '../../session-rows.ts';
import { openSessions } from './open-sessions.ts';

const history = 10_000;
const live = 50;

onEachDatabase('reads of sessions', (database) => {
  let sid: string;
  let uid: string;
  let epoch: string;
  let sessions: Sessions;

  before(async function () {
    this.timeout(60_000);
    await emptyTables(database());
    const { db } = database();
    epoch = await epochOf(database());
    sid = await insertSession(database(), Buffer.alloc(16, 1));
    // All of one person, of one tenant; what ended is older and younger than what lives.
    const ended = { revoked_at: new Date().toISOString(), revoke_reason: 'logout' };
    await copySession(database(), sid, { rows: history / 2, change: ended });
    await copySession(database(), sid, { rows: history / 2, apartMs: -1, change: ended });
    await copySession(database(), sid, { rows: live - 1 });
    const server = randomUUID();
    await sql`INSERT INTO servers (server_id, lease_until) VALUES (${server}::uuid, now() + interval '1 hour')`.execute(
      db,
    );
    await sql`INSERT INTO presence SELECT sid, ${server}::uuid, 1 FROM sessions WHERE revoked_at IS NULL`.execute(db);
    const { rows } = await sql<{ uid: string }>`SELECT uid FROM sessions WHERE sid = ${sid}::uuid`.execute(db);
    uid = rows[0]!.uid;
    await sql`ANALYZE`.execute(db);
    sessions = openSessions(db, { maxSessionsPerUser: live * 2 });
  });

  async function counted(tx: Db): Promise<number> {
    const { rows } = await sql<{
      n: number;
    }>`SELECT (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::float8 AS n
      FROM pg_stat_xact_user_tables WHERE relname = 'sessions'`.execute(tx);
    return rows[0]!.n;
  }

  /** Rows of `sessions` that the work reads, whatever leads to them. Nothing of it is kept. */
  async function rowsRead(work: (tx: Db) => Promise<unknown>): Promise<number> {
    let read = 0;
    const undo = new Error('undo');
    const run = database()
      .db.transaction()
      .execute(async (tx) => {
        // The view counts also what the connection has not reported of transactions before.
        const before = await counted(tx);
        await work(tx);
        read = (await counted(tx)) - before;
        throw undo;
      });
    await run.catch((error) => expect(error).to.equal(undo));
    return read;
  }

  const newSession = () => ({
    ...{ sid: randomUUID(), userId: uid, credentialVersion: 1, codeVersion: null, tag: Buffer.alloc(16, 1), jkt: null },
    ...{ authTime: 1, amr: ['pwd'], claims: {}, scope: null, userAgent: null, addressPrefix: null },
    ...{ until: Date.now() + 5_000, epoch },
  });

  async function walk(tx: Db): Promise<void> {
    let found = 0;
    for await (const page of sessionsOfTenant(tx, { tenantId: 'default' })) found += page.length;
    expect(found).to.equal(live);
  }

  const works: Readonly<Record<string, (tx: Db) => Promise<unknown>>> = {
    'a sign-in': (tx) => sessions.open(tx, newSession()),
    'the list of a person': (tx) => sessions.list(tx, uid),
    'the list of all': (tx) => sessions.listDetails(tx, { limit: 10 }),
    'the list of a tenant': (tx) => sessions.listDetails(tx, { limit: 10, tenantId: 'default' }),
    'the list of a user': (tx) => sessions.listDetails(tx, { limit: 10, userId: uid }),
    'the list of those that are offline': (tx) => sessions.listDetails(tx, { limit: 10, online: false }),
    'the walk of a tenant': walk,
    'a logout everywhere': (tx) => sessions.endAllOfUser(tx, { userId: uid, current: sid }, inTime()),
    'other claims': (tx) => sessions.replaceClaims(tx, uid, { role: 'other' }),
    'the counts of the overview': readLiveTotals,
    'a page of presence': (tx) => readPresencePage(tx, presenceStart),
    'the marking of expired sessions': (tx) => markExpired(tx, 99),
    'the deletion of sessions': deleteEnded,
  };

  for (const [title, work] of Object.entries(works))
    it(`${title} reads no session that ended`, async () => {
      // Some read a row twice, to lock it and to change it.
      expect(await rowsRead(work)).to.be.at.most(5 * live);
    });
});
