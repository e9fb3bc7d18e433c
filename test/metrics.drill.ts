import { readFileSync } from 'node:fs';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { openPlainBackend } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { sharedPostgres } from '../test-kit/database/shared-postgres.ts';
import { freePort } from '../test-kit/free-port.ts';
import { type Cluster, createCluster, eachService } from '../test-kit/node/cluster.ts';
import { type ReadMetrics, readMetrics } from '../test-kit/node/read-metrics.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const password = 'correct horse battery';
let users = 0;

eachService('the metrics of a node', (service) => {
  let client: PlainClient;
  let before: ReadMetrics;
  beforeEach(async () => {
    client = createPlainClient(service());
    before = await readMetrics(service());
  });
  afterEach(() => client.close());

  /** How much the metric has grown since the test began. */
  async function growth(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    const now = await readMetrics(service());
    return (now.value(name, labels) ?? 0) - (before.value(name, labels) ?? 0);
  }

  async function signUp() {
    const email = `counted${++users}@example.test`;
    const login = await client.register(email, password);
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { email, socket, first: outcome.payload };
  }

  it('count registrations, logins by result, and refusals by endpoint and code', async () => {
    const { email } = await signUp();
    await client.login(email, password);
    await client.login(email, 'another password').catch(() => {});
    expect(await growth('latchkey_registrations_total', { result: 'ok' })).to.equal(1);
    expect(await growth('latchkey_logins_total', { method: 'password', result: 'ok' })).to.equal(1);
    expect(await growth('latchkey_logins_total', { result: 'invalid_credentials' })).to.equal(1);
    const refusal = { transport: 'http', endpoint: 'POST /login', code: 'invalid_credentials' };
    expect(await growth('latchkey_refusals_total', refusal)).to.equal(1);
    expect(await growth('latchkey_http_requests_total', { method: 'POST', route: '/login', status: '200' })).to.equal(
      1,
    );
    expect(await growth('latchkey_password_hash_duration_seconds_count')).to.equal(3);
    expect(await growth('latchkey_sessions_opened_total')).to.equal(1);
  });

  it('count rotations by verdict, their batches, and refused events of sockets', async () => {
    const { first } = await signUp();
    const socket = await client.connect();
    const [token, rotation_key] = [first.token, newKey()];
    await socket.authenticate({ token, rotation_key });
    // A repeated message, as after a lost answer.
    await (await client.connect()).authenticate({ token, rotation_key });
    await (await client.connect()).authenticate({ token: 'no token', rotation_key });
    expect(await growth('latchkey_rotations_total', { verdict: 'rotate' })).to.equal(1);
    // `replay`, or `superseded` if the first answer was acknowledged already.
    expect(await growth('latchkey_rotations_total')).to.equal(2);
    expect(await growth('latchkey_batch_size_count', { batch: 'rotations' })).to.equal(2);
    const refusals = { transport: 'socket', endpoint: 'authenticate' };
    expect(await growth('latchkey_refusals_total', refusals)).to.be.at.least(1);
  });

  it('count open sockets and sessions online, and ended sessions by reason', async () => {
    // Those of the tests before close meanwhile.
    await waitFor(async () => (await readMetrics(service())).value('latchkey_sockets') === 0);
    const { socket } = await signUp();
    const { value } = await readMetrics(service());
    expect(value('latchkey_sockets', { kind: 'browser' })).to.equal(1);
    expect(value('latchkey_sockets', { kind: 'unauthenticated' })).to.equal(0);
    expect(value('latchkey_sessions_online')).to.equal(1);
    await socket.call('logout', {});
    await waitFor(async () => (await growth('latchkey_revocations_total', { reason: 'logout' })) === 1);
    await waitFor(async () => (await readMetrics(service())).value('latchkey_sockets', { kind: 'browser' }) === 0);
    expect(await growth('latchkey_batch_size_count', { batch: 'session_ends' })).to.equal(1);
    expect((await readMetrics(service())).value('nodejs_heap_size_used_bytes')).to.be.above(1e6);
  });

  it('count many sockets that connect at once, and show the lag of the event loop', async () => {
    const { first } = await signUp();
    await waitFor(async () => (await readMetrics(service())).value('latchkey_sockets', { kind: 'browser' }) === 1);
    const sockets = await Promise.all(Array.from({ length: 60 }, () => client.connect()));
    const { value } = await readMetrics(service());
    expect(value('latchkey_sockets', { kind: 'browser' })).to.equal(61);
    expect(value('latchkey_sockets', { kind: 'unauthenticated' })).to.equal(60);
    expect(value('nodejs_eventloop_lag_p99_seconds')).to.be.above(0);
    const shown = sockets
      .slice(0, 20)
      .map((socket) => socket.authenticate({ token: first.token, rotation_key: newKey() }));
    await Promise.all(shown);
    expect(await growth('latchkey_rotations_total')).to.be.at.least(20);
  });

  it('have one name for all unknown paths and methods', async () => {
    await client.request('GET', '/no/such/path/1');
    await client.request('PURGE', '/no/such/path/2');
    expect(await growth('latchkey_http_requests_total', { method: 'other', route: 'other' })).to.equal(2);
    expect(await growth('latchkey_refusals_total', { endpoint: 'other', code: 'not_found' })).to.equal(2);
  });

  it('count a backend with a wrong credential as a refusal with its cause', async () => {
    const stranger = openPlainBackend(service().url, { backend_id: 'stranger', backend_secret: 'x'.repeat(43) });
    await stranger.connected().catch(() => {});
    stranger.close();
    expect(await growth('latchkey_refusals_total', { transport: 'backend', endpoint: 'connect' })).to.equal(1);
    expect(await growth('latchkey_causes_total', { cause: 'backend_unknown' })).to.equal(1);
  });

  it('have the states of a running node', async () => {
    const { value } = await readMetrics(service());
    for (const check of ['serving', 'database', 'feed', 'keys', 'failover', 'clock_unknown', 'clock_off'])
      expect(value('latchkey_health_check', { check }), check).to.equal(1);
    expect(value('latchkey_revocation_feed_age_seconds')).to.be.lessThan(5);
    expect(value('latchkey_revocation_hint_age_seconds')).to.be.lessThan(600);
    expect(Math.abs(value('latchkey_clock_offset_seconds')!)).to.be.lessThan(1);
    expect(value('latchkey_clock_width_seconds')).to.be.lessThan(2);
    expect(value('latchkey_failover_recovering')).to.equal(0);
    const { version } = JSON.parse(readFileSync('service/package.json', 'utf8')) as { version: string };
    expect(value('latchkey_build_info', { version, nodejs: process.version })).to.equal(1);
  });
});

describe('the metrics of a node on a port of their own', () => {
  let cluster: Cluster;
  let metricsUrl: string;
  let node: ServiceProcess;
  let client: PlainClient;
  let database: pg.Client;
  before(async function () {
    this.timeout(60_000);
    const port = await freePort();
    metricsUrl = `http://127.0.0.1:${port}`;
    cluster = await createCluster({ LATCHKEY_DATABASE_POOL_SIZE: '2', LATCHKEY_ARGON2_AT_ONCE: '1' });
    node = await cluster.start({ LATCHKEY_METRICS_PORT: String(port) });
    client = createPlainClient(node);
    database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
  });
  after(async function () {
    this.timeout(30_000);
    client.close();
    await database.end();
    await cluster.stop();
  });

  const readValue = async (name: string, labels?: Readonly<Record<string, string>>) =>
    (await readMetrics({ url: metricsUrl })).value(name, labels);

  it('are there alone', async () => {
    expect(await readValue('latchkey_health_check', { check: 'serving' })).to.equal(1);
    expect((await fetch(`${node.url}/metrics`)).status).to.equal(404);
    expect((await fetch(`${metricsUrl}${paths.healthLive}`)).status).to.equal(404);
  });

  it('count logins that wait for their hash, and those that are refused as overloaded', async () => {
    const names = Array.from({ length: 80 }, (_, index) => `none${index}@example.test`);
    const many = names.map((name) => client.login(name, password).catch(() => {}));
    await waitFor(async () => (await readValue('latchkey_password_hashes', { state: 'waiting' }))! > 0);
    await Promise.all(many);
    expect(await readValue('latchkey_logins_total', { result: 'overloaded' })).to.be.above(0);
    expect(await readValue('latchkey_causes_total', { cause: 'passwords_overloaded' })).to.be.above(0);
  });

  it('show an end that waited for another commit, once', async () => {
    const socket = await client.connect();
    await socket.authenticate({ ...(await client.register('held@example.test', password)), rotation_key: newKey() });
    await database.query('BEGIN');
    await database.query('SELECT * FROM blacklist_head FOR UPDATE');
    const ended = socket.call('logout', {});
    await database.query('SELECT pg_sleep(0.5)');
    await database.query('COMMIT');
    await ended;
    expect(await readValue('latchkey_batch_duration_seconds_sum', { batch: 'session_ends' })).to.be.at.least(0.4);
    await waitFor(async () => (await readValue('latchkey_revocations_total', { reason: 'logout' })) === 1);
  });

  it('show requests that wait while all connections of the pool are in use', async () => {
    await client.register('pool@example.test', password);
    await database.query('BEGIN');
    await database.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    const logins = Array.from({ length: 6 }, () => client.login('pool@example.test', password).catch(() => {}));
    try {
      await waitFor(async () => ((await readValue('latchkey_database_pending_requests')) ?? 0) > 0);
      expect(await readValue('latchkey_database_connections_max')).to.equal(2);
      expect(await readValue('latchkey_database_connections', { state: 'used' })).to.be.at.most(2);
    } finally {
      await database.query('ROLLBACK');
      await Promise.all(logins);
    }
  });

  it('show a database that takes no writes, as with a full disk', async () => {
    const name = new URL(cluster.databaseUrl).pathname.slice(1);
    const readOnly = async (state: 'on' | 'off') => {
      await database.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = ${state}`);
      await database.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [name],
      );
    };
    await readOnly('on');
    try {
      await waitFor(async () => (await readValue('latchkey_health_check', { check: 'database' })) === 0);
      await client.register('refused@example.test', password).catch(() => {});
      expect(
        await readValue('latchkey_refusals_total', { endpoint: 'POST /register', code: 'unavailable' }),
      ).to.be.at.least(1);
      expect(await readValue('latchkey_database_connection_errors_total')).to.be.at.least(1);
      await waitFor(async () => (await readValue('latchkey_job_failures_total'))! > 0);
    } finally {
      await readOnly('off');
    }
    await waitFor(async () => (await readValue('latchkey_health_check', { check: 'database' })) === 1, 15_000);
  });
});

describe('the log of two migrations that start together', () => {
  it('names the applied steps in one of them', async function () {
    this.timeout(60_000);
    const postgres = await sharedPostgres();
    const env = { DATABASE_URL: await postgres.createDatabase(), LOG_LEVEL: 'info' };
    const both = await Promise.all([0, 1].map(() => startService({ env, args: ['migrate'] })));
    expect(await Promise.all(both.map((process) => process.exited()))).to.deep.equal([0, 0]);
    const messages = both.map((process) => /"msg":"(migrated|the schema is up to date)"/.exec(process.log())?.[1]);
    expect(messages.sort()).to.deep.equal(['migrated', 'the schema is up to date']);
    await postgres.dropDatabase(env.DATABASE_URL);
  });
});
