import { randomUUID } from 'node:crypto';
import { adminPaths } from '@latchkey/contract';
import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../../test-kit/codes.ts';
import type { AdminFlows } from '../../../src/flow/flows.ts';
import { emptyTables, onEachDatabase } from '../../databases.ts';
import { actorOf } from '../actors.ts';
import { type Fixture, openFixture } from '../fixture.ts';

const actor = actorOf({ userId: randomUUID() });

interface AnyPage {
  readonly rows: readonly { readonly id: string | number }[];
  readonly next: string | undefined;
}

onEachDatabase('lists of operators', (database) => {
  let fixture: Fixture;
  let admin: AdminFlows;
  const db = () => database().db;

  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
    ({ admin } = fixture);
  });
  afterEach(() => fixture.stop());

  /** Users, each with a live session; several in one microsecond, so that the id has to decide. */
  async function people(count: number, tenantId = 'default', minutesAgo = 0): Promise<void> {
    await sql`WITH u AS (INSERT INTO users (id, tenant_id, email, email_key, password_hash, created_at)
        SELECT gen_random_uuid(), ${tenantId}, x || '@example.org', x || '@example.org', 'none', t
        FROM (SELECT gen_random_uuid()::text AS x, now() - make_interval(mins => ${minutesAgo}::int, secs => (i / 3)) AS t
          FROM generate_series(1, ${count}::int) i) n RETURNING id, tenant_id, created_at)
      INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, expires_at, auth_time, amr, created_at, last_active_at)
      SELECT gen_random_uuid(), id, tenant_id, 1, decode(repeat('00', 16), 'hex'), now(), now() + interval '1 hour', 0, '{pwd}',
        created_at, now() FROM u`.execute(db());
  }

  const lists: Record<
    string,
    { list(limit: number, cursor?: string): Promise<AnyPage>; add(count: number): Promise<void> }
  > = {
    [adminPaths.users]: {
      async list(limit, cursor) {
        const { users, next_cursor } = await admin.listUsers(actor, { limit, cursor });
        return { rows: users, next: next_cursor ?? undefined };
      },
      add: (count) => people(count),
    },
    [adminPaths.sessions]: {
      async list(limit, cursor) {
        const { sessions, next_cursor } = await admin.listSessions(actor, { limit, cursor });
        return { rows: sessions, next: next_cursor ?? undefined };
      },
      add: (count) => people(count),
    },
    [adminPaths.tenants]: {
      async list(limit, cursor) {
        const { tenants, next_cursor } = await admin.listTenants(actor, { limit, cursor });
        return { rows: tenants, next: next_cursor ?? undefined };
      },
      async add(count) {
        for (let i = 0; i < count; i++) await admin.createTenant(actor, { id: `a_-${randomUUID()}`, name: 'A' });
      },
    },
    [adminPaths.backends]: {
      async list(limit, cursor) {
        const { backends, next_cursor } = await admin.listBackends(actor, { limit, cursor });
        return { rows: backends, next: next_cursor ?? undefined };
      },
      async add(count) {
        for (let i = 0; i < count; i++) await admin.createBackend(actor, { name: 'A-_b' });
      },
    },
    [adminPaths.mails]: {
      async list(limit, cursor) {
        const { mails, next_cursor } = await admin.listFailedMails(actor, { limit, cursor });
        return { rows: mails, next: next_cursor ?? undefined };
      },
      async add(count) {
        await sql`INSERT INTO mails (id, tenant_id, template, failed_at, failure)
          SELECT gen_random_uuid(), 'default', 'test', clock_timestamp(), '550 at RCPT TO' FROM generate_series(1, ${count}::int)`.execute(
          db(),
        );
      },
    },
    [adminPaths.invitations]: {
      async list(limit, cursor) {
        const { invitations, next_cursor } = await admin.listInvitations(actor, { limit, cursor });
        return { rows: invitations, next: next_cursor ?? undefined };
      },
      async add(count) {
        await sql`INSERT INTO invitations (id, tenant_id, email, mailed, expires_at)
          SELECT gen_random_uuid(), 'default', i || '@example.org', true, clock_timestamp() FROM generate_series(1, ${count}::int) i`.execute(
          db(),
        );
      },
    },
    [adminPaths.audit]: {
      async list(limit, cursor) {
        const { audit, next_cursor } = await admin.listAudit(actor, { limit, cursor });
        return { rows: audit, next: next_cursor ?? undefined };
      },
      async add(count) {
        for (let i = 0; i < count; i++) await fixture.domain.audit.record(db(), { action: 'login' });
      },
    },
  };

  for (const [path, { list, add }] of Object.entries(lists)) {
    it(`${path}: shows each row once, in one order, while rows are added`, async () => {
      await add(11);
      const before = (await list(100)).rows.map(({ id }) => id);
      const seen: (string | number)[] = [];
      let cursor: string | undefined;
      do {
        const { rows, next } = await list(4, cursor);
        expect(rows.length).within(1, 4);
        seen.push(...rows.map(({ id }) => id));
        cursor = next;
        if (cursor !== undefined) await add(1);
      } while (cursor !== undefined && seen.length < 200);
      expect(new Set(seen).size, 'twice').equal(seen.length);
      expect(
        before.filter((id) => !seen.includes(id)),
        'missing',
      ).deep.equal([]);
      expect(seen.filter((id) => before.includes(id))).deep.equal(before);
    });

    it(`${path}: refuses a malformed cursor`, async () => {
      const strange = ['', '1 2', `1 ${randomUUID()} 3`, `99999999999999999 ${randomUUID()}`, "' OR 1=1", '1 \0', 'Ä'];
      for (const text of strange)
        expect(await codeOf(list(4, Buffer.from(text).toString('base64url'))), text).equal('invalid_request');
    });
  }

  it('finds users and sessions by tenant and by the beginning of an address, in any case, and literally', async () => {
    await admin.createTenant(actor, { id: 'bank', name: 'Bank' });
    await people(2, 'bank');
    for (const address of ['ann_b@x.org', 'annxb@x.org', '100%@x.org'])
      await sql`INSERT INTO users (id, tenant_id, email, email_key) VALUES (gen_random_uuid(), 'default', ${address},
        ${address})`.execute(db());
    await sql`INSERT INTO users (id, tenant_id, email, external_id) VALUES (gen_random_uuid(), 'default', 'Ann@ext.org',
      'e1')`.execute(db());
    const found = async (emailPrefix: string) =>
      (await admin.listUsers(actor, { limit: 10, emailPrefix })).users.map(({ email }) => email).sort();
    expect(await found('ANN_')).deep.equal(['ann_b@x.org']);
    expect(await found('ann')).deep.equal(['Ann@ext.org', 'ann_b@x.org', 'annxb@x.org']);
    expect(await found('100%')).deep.equal(['100%@x.org']);
    expect(await found('%')).deep.equal([]);
    expect(await found('\\')).deep.equal([]);
    expect((await admin.listUsers(actor, { limit: 10, tenantId: 'bank' })).users).length(2);
    expect((await admin.listSessions(actor, { limit: 10, tenantId: 'bank' })).sessions).length(2);
    expect((await admin.listSessions(actor, { limit: 10, tenantId: 'default' })).sessions).length(0);
    const [one] = (await admin.listUsers(actor, { limit: 10, tenantId: 'bank' })).users;
    const byAddress = await admin.listSessions(actor, { limit: 10, emailPrefix: one!.email!.toUpperCase() });
    expect(byAddress.sessions.map(({ user_id }) => user_id)).deep.equal([one!.id]);
  });

  /** All pages of a list of sessions. */
  async function pagesOf(asked: { emailPrefix?: string; tenantId?: string; online?: boolean }): Promise<string[][]> {
    const pages: string[][] = [];
    let cursor: string | undefined;
    do {
      const { sessions, next_cursor } = await admin.listSessions(actor, { ...asked, limit: 100, cursor });
      pages.push(sessions.map(({ id }) => id));
      cursor = next_cursor ?? undefined;
    } while (cursor !== undefined && pages.length < 30);
    return pages;
  }

  /** Newer sessions of the same user, more than one page examines. */
  const addNewer = (expiresAt: string, ended: string | null) =>
    sql`INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, expires_at, auth_time, amr, created_at,
        last_active_at, revoked_at, revoke_reason)
      SELECT gen_random_uuid(), uid, 'default', 1, tag, now(), ${expiresAt}::timestamptz, 0, '{pwd}', now(), now(),
        ${ended}::timestamptz, CASE WHEN ${ended}::timestamptz IS NOT NULL THEN 'ended_by_operator' END
      FROM sessions, generate_series(1, 5001)`.execute(db());

  it('examines a limited number of sessions for a page, and continues after expired ones', async () => {
    await people(1, 'default', 60);
    const [[live]] = (await pagesOf({})) as [[string]];
    await addNewer('2020-01-01Z', null);
    const email = (await admin.findSession(actor, live)).email!;
    expect(await pagesOf({})).deep.equal([[], [live]]);
    expect(await pagesOf({ tenantId: 'default' })).deep.equal([[], [live]]);
    expect(await pagesOf({ online: false })).deep.equal([[], [live]]);
    expect(await pagesOf({ emailPrefix: email }), 'of few users').deep.equal([[live]]);
    expect(await pagesOf({ online: true }), 'of few that are there').deep.equal([[]]);
  });

  it('examines no session that has ended', async () => {
    await people(1, 'default', 60);
    const [[live]] = (await pagesOf({})) as [[string]];
    await addNewer('2100-01-01Z', '2026-01-01Z');
    for (const asked of [{}, { tenantId: 'default' }, { online: false }])
      expect(await pagesOf(asked)).deep.equal([[live]]);
  });

  it('finds the sessions of many users by the beginning of an address, page after page', async () => {
    await people(1_100);
    await sql`UPDATE users SET email_key = 'many' || email_key`.execute(db());
    await people(3);
    const pages = await pagesOf({ emailPrefix: 'MANY' });
    expect(pages.map(({ length }) => length)).deep.equal(Array.from({ length: 11 }, () => 100));
    expect(new Set(pages.flat()).size).equal(1_100);
  });

  it('refuses a tenant that does not exist, instead of an empty page', async () => {
    const filter = { tenantId: 'nope', limit: 5 };
    for (const list of [admin.listUsers, admin.listSessions, admin.listInvitations, admin.listFailedMails])
      expect(await codeOf(list(actor, filter))).equal('tenant_unknown');
    expect((await admin.listAudit(actor, filter)).audit).deep.equal([]);
    for (const list of [admin.listUsers, admin.listSessions])
      expect(await codeOf(list(actor, { ...filter, tenantId: 'default' }))).equal('done');
  });

  it('shows where the sockets of a session are, and which are online', async () => {
    await people(2);
    const { sessions } = await admin.listSessions(actor, { limit: 10 });
    const server = randomUUID();
    await sql`INSERT INTO servers (server_id, lease_until) VALUES (${server}::uuid, now() + interval '1 minute')`.execute(
      db(),
    );
    await sql`INSERT INTO presence (sid, server_id, sockets) VALUES (${sessions[0]!.id}::uuid, ${server}::uuid, 3)`.execute(
      db(),
    );
    const online = await admin.listSessions(actor, { limit: 10, online: true });
    expect(online.sessions).length(1);
    expect(online.sessions[0]).deep.include({
      ...{ id: sessions[0]!.id, online: true, sockets: 3 },
      servers: [{ server_id: server, backend_id: null, sockets: 3 }],
    });
    const offline = await admin.listSessions(actor, { limit: 10, online: false });
    expect(offline.sessions.map(({ id }) => id)).deep.equal([sessions[1]!.id]);
    expect(await admin.getOverview(actor)).deep.include({
      sessions: 2,
      online_sessions: 1,
      sockets: 3,
      servers: 1,
      users: 2,
    });
  });

  it('returns the number of live sessions of each minute, and the present number for the current minute', async () => {
    await people(3);
    await sql`INSERT INTO traffic (minute, sessions) SELECT date_trunc('minute', now()) - i * interval '1 minute', 10 + i
      FROM unnest(ARRAY[0, 2]) i`.execute(db());
    const { minutes } = await admin.getOverview(actor);
    expect(minutes.at(-1)!.sessions).equal(3);
    const known = minutes.slice(0, -1).flatMap(({ sessions }) => (sessions === null ? [] : [sessions]));
    // The minute may have turned meanwhile.
    expect(known.join()).match(/^12(,10)?$/);
  });
});
