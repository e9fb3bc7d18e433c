import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createSystemClock } from '@latchkey/core/internal';
import { migrations } from '@latchkey/migrations';
import { expect } from 'chai';
import { sql } from 'kysely';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { migrateAndReport } from '../../src/bootstrap/open-migrated-database.ts';
import { migrate, pendingMigrations } from '../../src/db/migrate.ts';
import { createPostgresDatabase } from '../../src/db/postgres.ts';
import type { Db } from '../../src/db/schema.ts';
import { createPasswordHasher } from '../../src/domain/user/password-hasher.ts';
import { createPasswordRules } from '../../src/domain/user/password-rules.ts';
import { findSharedMailboxes } from '../../src/domain/user/user-list-store.ts';
import { createUsers } from '../../src/domain/user/users.ts';
import { onEachDatabase } from '../databases.ts';
import { copySession, insertSession } from '../session-rows.ts';
import { dumpSchema } from './schema-dump.ts';

const outcome = new URL('../../../migrations/schema.sql', import.meta.url);

const dropColumns = (table: string, columns: string) =>
  `ALTER TABLE ${table} ${columns.split(' ').map((column) => `DROP COLUMN ${column}`)}`;

/** What undoes the steps after 0016 that cannot be applied to their own outcome. */
const undoneSince16 = [
  'DROP INDEX users_by_hash_cost, audit_by_session, audit_by_time',
  'DROP INDEX IF EXISTS users_by_text',
  'DROP FUNCTION prune_audit',
  'DROP INDEX sessions_ended_by_user',
  'DROP TABLE tenant_logos, known_browsers, notice_cursors, invitations, mails, one_time_tokens',
  dropColumns(
    'tenants',
    'email_verification email_sign_in password_min_length allowed_domains max_sessions session_limit brand locale disabled_at',
  ),
  dropColumns(
    'users',
    'email_verified_at name picture locale user_metadata app_metadata password_change_required deleted_at taken_over_at',
  ),
  'ALTER TABLE users ADD CONSTRAINT users_identified CHECK (email_key IS NOT NULL OR external_id IS NOT NULL)',
];

onEachDatabase('migrations', (database) => {
  it('lead to migrations/schema.sql', async () => {
    const dump = await dumpSchema(database().db);
    // UPDATE_SCHEMA=true writes the file anew, for the review of a new step.
    if (process.env.UPDATE_SCHEMA === 'true') writeFileSync(outcome, dump);
    expect(dump).to.equal(readFileSync(outcome, 'utf8'));
  });

  it('are applied once', async () => {
    expect(await pendingMigrations(database())).to.deep.equal([]);
    expect(await migrate(database())).to.deep.equal([]);
  });

  it('of a newer version are ignored', async () => {
    const { db } = database();
    await sql`INSERT INTO latchkey_migrations (name, timestamp) VALUES ('9999-later', '2100-01-01')`.execute(db);
    expect(await pendingMigrations(database())).to.deep.equal([]);
    expect(await migrate(database())).to.deep.equal([]);
    await sql`DELETE FROM latchkey_migrations WHERE name = '9999-later'`.execute(db);
  });
});

onEachDatabase('the migration of look-alike addresses', (database) => {
  const rules = createPasswordRules({ minLength: 8, isCommon: async () => false });
  const users = createUsers({ hasher: createPasswordHasher({ memoryInKib: 64, passes: 1 }), rules });
  const password = 'correct horse';

  it('lets each existing account sign in with its own address, and no other', async () => {
    const { db } = database();
    const { password_hash: hash } = await db
      .selectFrom('users')
      .select('password_hash')
      .where('id', '=', (await users.register(db, { tenantId: 'default', email: 'seed@x.org', password })).id)
      .executeTakeFirstOrThrow();
    await sql`ALTER TABLE users DROP COLUMN email_skeleton`.execute(db);
    // Address and key as they were stored; the last two are one mailbox.
    const before = [
      ['plain@x.org', 'plain@x.org'],
      ['\u0131van@x.org', 'ivan@x.org'],
      ['\ufb01ne@x.org', 'fine@x.org'],
      ['Stra\u00dfe@x.org', 'strasse@x.org'],
      ['ann@b\u00fccher.org', 'ann@b\u00fccher.org'],
      ['ann@xn--bcher-kva.org', 'ann@xn--bcher-kva.org'],
    ] as const;
    for (const [at, [email, key]] of before.entries())
      await sql`INSERT INTO users (id, tenant_id, email, email_key, password_hash, created_at) VALUES
        (gen_random_uuid(), 'default', ${email}, ${key}, ${hash}, now() + ${at} * interval '1 second')`.execute(db);
    await db.transaction().execute((tx) => migrations['0012-look-alikes']!.up(tx));
    for (const [email] of before)
      expect((await users.authenticate(db, { tenantId: 'default', email, password })).email).to.equal(email);
    for (const email of ['ivan@x.org', 'fine@x.org', 'strasse@x.org'])
      expect(await users.findByEmail(db, 'default', email), email).to.equal(undefined);
    const twin = users.register(db, { tenantId: 'default', email: 'ann@b\u00fccher.org', password });
    expect(await twin.catch((error) => error.code)).to.equal('identifier_taken');
  });
});

onEachDatabase('the migration to canonical addresses', (database) => {
  const rules = createPasswordRules({ minLength: 8, isCommon: async () => false });
  const users = createUsers({ hasher: createPasswordHasher({ memoryInKib: 64, passes: 1 }), rules });
  const tenantId = 'default';
  const password = 'correct horse';

  /** Accounts with the email and key that they had, the oldest first; returns their ids. */
  async function makeAccounts(db: Db, accounts: readonly (readonly [email: string, key: string])[]): Promise<string[]> {
    const { id } = await users.register(db, { tenantId, email: `${randomUUID()}@y.org`, password });
    const ids = accounts.map(() => randomUUID());
    for (const [at, [email, key]] of accounts.entries())
      await sql`INSERT INTO users (id, tenant_id, email, email_key, password_hash, created_at)
        SELECT ${ids[at]}, tenant_id, ${email}, ${key}, password_hash, now() + ${at} * interval '1 second'
        FROM users WHERE id = ${id}::uuid`.execute(db);
    return ids;
  }

  it('gives the key to the oldest account of a mailbox, and lets the others sign in with the address that they registered', async () => {
    const { db } = database();
    const full = '\uff41\uff4e\uff4e@y.org';
    const [, second] = await makeAccounts(db, [
      ['ann@y.org', 'ann@y.org'],
      [full, full],
      ['\uff42ob@y.org', '\uff42ob@y.org'],
    ]);
    await db.transaction().execute((tx) => migrations['0016-canonical-addresses']!.up(tx));
    const idOf = async (email: string) => (await users.authenticate(db, { tenantId, email, password })).id;
    expect(await idOf(full)).to.equal(second);
    expect(await idOf('ann@y.org')).to.not.equal(second);
    expect(await idOf('bob@y.org')).to.equal(await idOf('\uff42ob@y.org '));
    expect(await findSharedMailboxes(db)).to.deep.equal([second]);
  });

  it('writes skeletons again, so that addresses that look like an older account are refused', async () => {
    const { db } = database();
    const doubled = 'zoë\u0308@y.org';
    const [id] = await makeAccounts(db, [[doubled, doubled]]);
    await sql`UPDATE users SET email_skeleton = 'of older rules' WHERE id = ${id}::uuid`.execute(db);
    await db.transaction().execute((tx) => migrations['0016-canonical-addresses']!.up(tx));
    const code = await users.register(db, { tenantId, email: 'zoë@y.org', password }).catch((error) => error.code);
    expect(code).to.equal('identifier_taken');
  });

  it('is reported by one line that names the accounts', async () => {
    const lines: object[] = [];
    const log = { warn: (fields: object) => void lines.push(fields) };
    const { db } = database();
    for (const statement of undoneSince16) await sql.raw(statement).execute(db);
    await sql`DELETE FROM latchkey_migrations WHERE name >= '0016-canonical-addresses'`.execute(db);
    expect(await migrateAndReport(database(), log)).to.include('0016-canonical-addresses');
    const ids = await findSharedMailboxes(db);
    await migrateAndReport(database(), log);
    expect(lines).to.deep.equal([{ accounts: 1, ids }]);
  });
});

onEachDatabase('the migration of end reasons', (database) => {
  const renamed = {
    cap: 'session_limit',
    absolute: 'expired',
    idle: 'idle_timeout',
    operator: 'ended_by_operator',
    ended_elsewhere: 'ended_by_user',
  };
  const kept = ['logout', 'token_reused'];

  it('renames them in ended sessions and in the revocation list, and leaves the others', async () => {
    const { db } = database();
    const before = [...Object.keys(renamed), ...kept];
    const sid = await insertSession(database(), Buffer.alloc(16, 1));
    for (const [index, reason] of before.entries()) {
      await copySession(database(), sid, { rows: 1, change: { revoked_at: '2020-01-01Z', revoke_reason: reason } });
      await sql`INSERT INTO blacklist (seq, sid, reason, created_at, expires_at)
        VALUES (${1_000 + index}, gen_random_uuid(), ${reason}, now(), now())`.execute(db);
    }
    await db.transaction().execute((tx) => migrations['0017-end-reasons']!.up(tx));
    const after = [...Object.values(renamed), ...kept].toSorted();
    const sessions = await db
      .selectFrom('sessions')
      .select('revoke_reason')
      .where('revoke_reason', 'is not', null)
      .execute();
    const blacklist = await db.selectFrom('blacklist').select('reason').execute();
    expect(sessions.map((row) => row.revoke_reason).toSorted()).to.deep.equal(after);
    expect(blacklist.map((row) => row.reason).toSorted()).to.deep.equal(after);
  });
});

describe('migrations of nodes that start together', () => {
  const open = (url: string) =>
    createPostgresDatabase({ url, poolSize: 4, clock: createSystemClock(), onError: () => {} });

  it('are applied by exactly one of them', async function () {
    this.timeout(30_000);
    const postgres = await sharedPostgres();
    const url = await postgres.createDatabase();
    const nodes = Array.from({ length: 4 }, () => open(url));
    const applied = await Promise.all(nodes.map(migrate));
    expect(applied.filter((names) => names.length > 0)).to.have.length(1);
    await Promise.all(nodes.map((node) => node.close()));
    await postgres.dropDatabase(url);
  });

  it('leave nothing behind when a node is killed during them, and are applied again', async function () {
    this.timeout(30_000);
    const postgres = await sharedPostgres();
    const url = await postgres.createDatabase();
    const node = open(url);
    // The step fails at its last table.
    await sql`CREATE TABLE rate_limits (x int)`.execute(node.db);
    expect(await migrate(node).catch((error: Error) => error)).to.be.instanceOf(Error);
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM pg_class WHERE relname = 'sessions'`.execute(
      node.db,
    );
    expect(rows[0]!.n).to.equal(0);
    await sql`DROP TABLE rate_limits`.execute(node.db);
    expect(await migrate(node)).to.deep.equal(Object.keys(migrations));
    await node.close();
    await postgres.dropDatabase(url);
  });
});
