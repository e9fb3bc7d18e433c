import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BackendAck } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { type Credential, openPlainBackend, type PlainBackend } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';

/** SCALE_SESSIONS live sessions, all of them online, among five times as many that ended: `npm run test:scale`. */
const live = Number(process.env.SCALE_SESSIONS ?? 3_000);
const ended = 5 * live;
const isLong = live >= 100_000;
const userCount = 8;
const password = 'correct horse battery staple';

interface Person {
  readonly email: string;
  readonly accessToken: string;
}

describe('a service with many sessions', function () {
  this.timeout(isLong ? 1_800_000 : 60_000);
  let cluster: Cluster;
  let service: ServiceProcess;
  let database: pg.Client;
  let credential: Credential;
  let signedUp: Person[];
  const lines: string[] = [];

  before(async () => {
    cluster = await createCluster();
    database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    service = await cluster.start();
    credential = await cluster.makeBackend('--scopes', 'feed,admin');
    signedUp = [];
    for (let at = 0; at < userCount; at += 1) signedUp.push(await signUp(`user${at}@example.test`));
    await fill();
  });
  after(async () => {
    await database.end();
    await cluster.stop();
    if (lines.length > 0) console.log(lines.map((line) => `      ${line}`).join('\n'));
  });

  async function signUp(email: string): Promise<Person> {
    const client = createPlainClient({ url: service.url });
    const login = await client.register(email, password);
    const grant = { grant_type: 'authorization_code', rotation_key: newKey(), ...login };
    const { body } = await client.request<{ access_token: string }>('POST', '/oauth/token', grant);
    return { email, accessToken: body.access_token };
  }

  const rows = (count: number, values: string) =>
    database.query(`INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, h_gen, h_key, h_at, expires_at, auth_time,
        amr, claims, created_at, last_active_at, revoked_at, revoke_reason)
      SELECT gen_random_uuid(), u.id, 'default', 1, '\\x00112233445566778899aabbccddeeff', now(), '{0}',
        ARRAY['\\x00112233445566778899aabbccddeeff'::bytea], ARRAY[now()], now() + interval '30 days', 0, '{pwd}',
        '{"role":"teller"}', now() - g.n * interval '1 millisecond', now(), ${values}
      FROM generate_series(1, ${count}) g(n) JOIN crowd u ON u.n = g.n % (SELECT count(*) FROM crowd)`);

  /** Rows as the service writes them: of many users, online at one server, and a history that ended within a day. */
  async function fill(): Promise<void> {
    await database.query(`INSERT INTO users (id, tenant_id, email, email_key)
      SELECT gen_random_uuid(), 'default', 'crowd' || n, 'crowd' || n FROM generate_series(1, ${Math.ceil(live / 10)}) n`);
    await database.query(`CREATE TEMP TABLE crowd AS SELECT id, row_number() OVER () - 1 AS n FROM users
      WHERE email LIKE 'crowd%'`);
    await rows(ended, `now() - random() * interval '23 hours', 'logout'`);
    await rows(live, 'NULL, NULL');
    // One user has signed in and out a hundredth of that often.
    await database.query(`UPDATE sessions SET uid = (SELECT id FROM users WHERE email = 'user0@example.test')
      WHERE sid IN (SELECT sid FROM sessions WHERE revoked_at IS NOT NULL LIMIT ${Math.ceil(ended / 100)})`);
    const server = randomUUID();
    await database.query(
      `INSERT INTO servers (server_id, lease_until) VALUES ('${server}', now() + interval '1 hour')`,
    );
    await database.query(`INSERT INTO presence (sid, server_id, sockets) SELECT sid, '${server}', 1 FROM sessions
      WHERE revoked_at IS NULL`);
    await database.query('VACUUM ANALYZE');
  }

  async function ask<T>(method: string, path: string, body?: object, authorization = basic()) {
    const began = performance.now();
    const answer = await createPlainClient({ url: service.url }).request<T>(method, path, body, { authorization });
    return { ...answer, ms: Math.round(performance.now() - began) };
  }
  const basic = () =>
    `Basic ${Buffer.from(`${credential.backend_id}:${credential.backend_secret}`).toString('base64')}`;

  async function connect(): Promise<PlainBackend> {
    const backend = openPlainBackend(service.url, credential);
    await backend.connected();
    return backend;
  }

  /** Printed with the long form; a limit holds there alone, as speed is no matter for the suite. */
  function note(what: string, ms: number, limitMs?: number): void {
    if (!isLong) return;
    lines.push(`${what}: ${Math.round(ms)} ms`);
    if (limitMs !== undefined) expect(ms, what).to.be.below(limitMs);
  }

  async function timed<T>(work: () => Promise<T>): Promise<{ value: T; ms: number }> {
    const began = performance.now();
    return { value: await work(), ms: performance.now() - began };
  }

  const online = live + userCount;

  it('lets a backend subscribe, and lists presence to it page by page', async () => {
    const backend = await connect();
    const { value, ms } = await timed(() => backend.call<BackendAck<object>>('subscribe', { part: 0 }));
    expect(value.ok).to.equal(true);
    note(`subscribe among ${online} sessions online`, ms, 1_000);
    const listed = await timed(() => backend.listPresence());
    expect(new Set(listed.value.map(({ id }) => id)).size).to.equal(online);
    note('presence, listed whole', listed.ms);
    const again = await timed(() => backend.call<BackendAck<object>>('subscribe', { part: 0 }));
    note('subscribe while presence is read', again.ms, 1_000);
    backend.close();
  });

  it('answers the overview, the lists, a rename and a sign-in', async () => {
    const overview = await ask<{ sessions: number; online_sessions: number; users: number }>('GET', '/admin/overview');
    expect(overview.status).to.equal(200);
    expect(overview.body).to.include({ sessions: online, online_sessions: online });
    note('overview', overview.ms);
    const user = overview.body.users > 0 ? 'user0' : '';
    for (const path of ['/admin/sessions?limit=50', '/admin/sessions?online=false', `/admin/sessions?email=${user}`]) {
      const list = await ask('GET', path);
      expect(list.status, path).to.equal(200);
      note(path, list.ms, 2_000);
    }
    const renamed = await ask('PATCH', '/admin/tenants/default', { name: 'Renamed' });
    expect(renamed.status).to.equal(200);
    note('rename', renamed.ms, 1_000);
    const client = createPlainClient({ url: service.url });
    const login = await client.login(signedUp[0]!.email, password);
    const redeemed = await timed(() =>
      client.request('POST', '/oauth/token', { grant_type: 'authorization_code', rotation_key: newKey(), ...login }),
    );
    expect(redeemed.value.status).to.equal(200);
    note(`sign-in of a user with ${Math.ceil(ended / 100)} sessions that ended`, redeemed.ms, 1_000);
  });

  /** Signs sessions out as their owners would, each in a transaction of its own that lasts a moment. */
  async function signOutRows(isOver: () => boolean): Promise<number> {
    const { rows: some } = await database.query<{ sid: string }>(
      `SELECT sid FROM sessions WHERE revoked_at IS NULL ORDER BY random() LIMIT ${Math.min(live, 5_000)}`,
    );
    const session = new pg.Client({ connectionString: cluster.databaseUrl });
    await session.connect();
    let count = 0;
    for (const { sid } of some) {
      if (isOver()) break;
      await session.query('BEGIN');
      const { rowCount } = await session.query(
        `UPDATE sessions SET revoked_at = now(), revoke_reason = 'logout' WHERE sid = $1 AND revoked_at IS NULL`,
        [sid],
      );
      await sleep(5);
      await session.query('COMMIT');
      count += rowCount ?? 0;
    }
    await session.end();
    return count;
  }

  it('ends a whole tenant at a steady rate while its users sign out', async () => {
    const begins = Number((await database.query('SELECT seq FROM blacklist_head')).rows[0].seq);
    let isOver = false;
    const ending = timed(() => ask<{ ended: number }>('DELETE', '/admin/tenants/default/sessions')).finally(() => {
      isOver = true;
    });
    const signedOut = signOutRows(() => isOver);
    const logouts: { status: number; ms: number }[] = [];
    for (const { accessToken } of signedUp.slice(0, userCount / 2))
      logouts.push(await ask('POST', '/logout', {}, `Bearer ${accessToken}`));
    const marks: { ms: number; ended: number }[] = [];
    const began = performance.now();
    while (!isOver) {
      const { rows: head } = await database.query('SELECT seq FROM blacklist_head');
      marks.push({ ms: performance.now() - began, ended: Number(head[0].seq) - begins });
      await sleep(isLong ? 250 : 5);
    }
    const { value, ms } = await ending;
    expect(value.status).to.equal(200);
    const byOwners = await signedOut;
    const { rows: left } = await database.query('SELECT count(*)::int AS n FROM sessions WHERE revoked_at IS NULL');
    expect(left[0].n).to.equal(0);
    const withoutOwners = value.body.ended + byOwners + logouts.length;
    expect(withoutOwners).to.be.within(online, online + userCount);
    expect(new Set(logouts.map(({ status }) => status))).to.satisfy((statuses: Set<number>) =>
      [...statuses].every((status) => status === 200 || status === 401),
    );
    note(`end of ${value.body.ended} sessions, ${byOwners} signed out meanwhile`, ms);
    note('slowest logout meanwhile', Math.max(...logouts.map((logout) => logout.ms)), 1_000);
    if (!isLong) return;
    const half = marks.find((mark) => mark.ended >= live / 2)!;
    lines.push(`first half: ${Math.round(half.ms)} ms, second half: ${Math.round(ms - half.ms)} ms`);
    expect(ms - half.ms, 'the second half').to.be.below(2 * half.ms);
  });
});
