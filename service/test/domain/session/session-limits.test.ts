import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { sql } from 'kysely';
import { createSystemClock } from '../../../src/base/clock.ts';
import type { Db } from '../../../src/db/schema.ts';
import { appendDead } from '../../../src/domain/blacklist/blacklist.ts';
import { createSessions } from '../../../src/domain/session/sessions.ts';
import { createTenants } from '../../../src/domain/tenant/tenants.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';

onEachDatabase('limits of a tenant and a sign-in at the same time', (database) => {
  const db = () => database().db;
  const tenants = createTenants();
  let uid: string;

  beforeEach(async function () {
    // One connection has no two transactions at once.
    if (database().kind === 'embedded') this.skip();
    await emptyTables(database());
    uid = randomUUID();
    await sql`INSERT INTO users (id, tenant_id, email, email_key) VALUES (${uid}, 'default', 'a@b', 'a@b')`.execute(
      db(),
    );
  });

  const sessions = () =>
    createSessions({
      db: db(),
      clock: createSystemClock(),
      onError: (error) => expect.fail(String(error)),
      options: { activeMinutes: 720, idleMinutes: null, maxSessionsPerUser: 3, appendDead, keepSeconds: 99 },
    });

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
      claims: {},
      userAgent: null,
      addressPrefix: null,
    });

  async function shorten(tx: Db): Promise<void> {
    const tenant = await tenants.change(tx, 'default', { maxActiveMinutes: 10 });
    await sessions().shorten(tx, tenant);
    await tenants.announce(tx, 'default');
  }

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

  it('hold for a session that is opened while they are being set', async () => {
    await overlap(shorten, open);
    expect(await lives()).to.deep.equal([10]);
  });

  it('hold for a session whose opening is not committed yet when they are set', async () => {
    await overlap(open, shorten);
    expect(await lives()).to.deep.equal([10]);
  });
});
