import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'kysely';
import type { Db } from '../../../src/db/schema.ts';
import { createTenants } from '../../../src/domain/tenant/tenants.ts';
import { emptyTables, epochOf, onEachDatabase } from '../../databases.ts';
import { inTime } from '../../deadlines.ts';
import { copySession } from '../../session-rows.ts';
import { openSessions } from './open-sessions.ts';

onEachDatabase('limits of a tenant and a sign-in at the same time', (database) => {
  const db = () => database().db;
  const tenants = createTenants();
  let uid: string;
  let epoch: string;

  beforeEach(async function () {
    // One connection has no two transactions at once.
    if (database().kind === 'embedded') this.skip();
    await emptyTables(database());
    epoch = await epochOf(database());
    uid = randomUUID();
    await sql`INSERT INTO users (id, tenant_id, email, email_key) VALUES (${uid}, 'default', 'a@b', 'a@b')`.execute(
      db(),
    );
  });

  const sessions = (handle = db()) => openSessions(handle);

  const open = (tx: Db) =>
    sessions().open(tx, {
      sid: randomUUID(),
      userId: uid,
      credentialVersion: 1,
      codeVersion: null,
      tag: Buffer.alloc(16, 1),
      jkt: null,
      authTime: 1_000,
      amr: ['pwd'],
      scope: null,
      claims: {},
      userAgent: null,
      addressPrefix: null,
      until: Date.now() + 5_000,
      epoch,
    });

  const set = (tx: Db) => tenants.update(tx, 'default', { maxActiveMinutes: 10 });

  /** Runs `first`, and `second` while the transaction of the first is open; both are committed then. */
  async function overlap(first: (tx: Db) => Promise<unknown>, second: (tx: Db) => Promise<unknown>): Promise<void> {
    let other: Promise<unknown> | undefined;
    await db()
      .transaction()
      .execute(async (tx) => {
        await first(tx);
        other = db().transaction().execute(second);
        await Promise.race([other, sleep(100)]);
      });
    await other;
  }

  const lives = async () => {
    const { rows } = await sql<{ minutes: number }>`
      SELECT round(extract(epoch FROM expires_at - created_at) / 60)::int AS minutes FROM sessions`.execute(db());
    return rows.map(({ minutes }) => minutes);
  };

  it('apply to a session that is opened while they are set', async () => {
    await overlap(set, open);
    expect(await sessions().applyTenantLimits('default', inTime(), () => {})).to.equal(0);
    expect(await lives()).to.deep.equal([10]);
  });

  it('apply to a session whose opening is not committed yet when they are set', async () => {
    await overlap(open, set);
    expect(await sessions().applyTenantLimits('default', inTime(), () => {})).to.equal(0);
    expect(await lives()).to.deep.equal([10]);
  });

  it('apply to every session of a large tenant, whose sessions are updated in chunks', async () => {
    const row = await db().transaction().execute(open);
    const others = 4_001;
    await copySession(database(), row!.sid, { rows: others, apartMs: 100 });
    await set(db());
    let statements = 0;
    const watched = db().withPlugin({
      transformQuery({ node }) {
        statements++;
        return node;
      },
      transformResult: async ({ result }) => result,
    });
    // Made in the last 401 s: nobody is over by ten minutes, everybody by five.
    expect(await sessions(watched).applyTenantLimits('default', inTime(), () => {})).to.equal(0);
    expect(statements).to.be.at.least(5);
    expect(new Set(await lives())).to.deep.equal(new Set([10]));
    await tenants.update(db(), 'default', { maxActiveMinutes: 5 });
    expect(await sessions().applyTenantLimits('default', inTime(), () => {})).to.be.within(1_000, 1_060);
    const { rows } = await sql<{ n: number }>`SELECT count(*)::int AS n FROM blacklist`.execute(db());
    expect(rows[0]!.n).to.be.within(1_000, 1_060);
  });
});
