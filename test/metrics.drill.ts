import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { openPlainBackend } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { freePort } from '../test-kit/free-port.ts';
import { eachService } from '../test-kit/node/cluster.ts';
import { type ReadMetrics, readMetrics } from '../test-kit/node/read-metrics.ts';
import { startService } from '../test-kit/node/service-process.ts';
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
    await (await client.connect()).authenticate({ token: 'no token', rotation_key });
    expect(await growth('latchkey_rotations_total', { verdict: 'rotate' })).to.equal(1);
    expect(await growth('latchkey_batch_size_count', { batch: 'rotations' })).to.equal(1);
    const refusals = { transport: 'socket', endpoint: 'authenticate' };
    expect(await growth('latchkey_refusals_total', refusals)).to.equal(1);
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
    expect(value('latchkey_build_info')).to.equal(1);
  });
});

describe('the metrics of a node in production', () => {
  it('are on their own port alone', async function () {
    this.timeout(60_000);
    const port = await freePort();
    const service = await startService({
      env: {
        NODE_ENV: 'production',
        LATCHKEY_ALLOW_EMBEDDED: 'true',
        LATCHKEY_PUBLIC_URL: 'https://id.example',
        LATCHKEY_METRICS_PORT: String(port),
        LATCHKEY_METRICS_HOST: '127.0.0.1',
      },
    });
    try {
      await service.ready();
      const { value } = await readMetrics({ url: `http://127.0.0.1:${port}` });
      expect(value('latchkey_health_check', { check: 'serving' })).to.equal(1);
      expect((await fetch(`${service.url}/metrics`)).status).to.equal(404);
      expect((await fetch(`http://127.0.0.1:${port}${paths.healthLive}`)).status).to.equal(404);
    } finally {
      await service.stop();
    }
  });
});
