import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import { sharedPostgres } from '../test-kit/database/shared-postgres.ts';
import { readMetrics } from '../test-kit/node/read-metrics.ts';
import { startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const password = 'correct horse battery';

describe('the process of the service', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-process-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('refuses a data folder that another process has locked, and does not change it', async () => {
    const env = { LATCHKEY_DATA_DIR: folder };
    const first = await startService({ env, seeded: false });
    await first.ready();
    expect(first.log()).to.contain(`ready: open ${first.url}`).and.to.contain(folder);
    const second = await startService({ env });
    expect(await second.exited()).to.equal(1);
    expect(second.log()).to.contain(`in use by process ${first.pid}`).and.to.not.contain('    at ');
    expect((await fetch(`${first.url}/health/ready`)).status).to.equal(200);
    expect(statSync(join(folder, 'secret')).mode & 0o777).to.equal(0o600);
    expect(await first.stop()).to.equal(0);
  });

  it('keeps sessions, secret and keys after a restart and after SIGKILL', async () => {
    const env = { LATCHKEY_DATA_DIR: folder, LATCHKEY_PUBLIC_URL: 'http://latchkey.test' };
    let service = await startService({ env });
    await service.ready();
    const startOf = async () => (await readMetrics(service)).value('process_start_time_seconds')!;
    let startedAt = await startOf();
    let client = createPlainClient({ url: service.url });
    const login = await client.register('ann@example.test', password);
    const key = newKey();
    let outcome = await (await client.connect()).authenticate({ ...login, rotation_key: key });
    for (const end of ['stop', 'kill'] as const) {
      if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
      const { token, access_token } = outcome.payload;
      client.close();
      if (end === 'stop') expect(await service.stop()).to.equal(0);
      else service.kill('SIGKILL');
      await service.exited();
      service = await startService({ env });
      await service.ready();
      const restartedAt = await startOf();
      expect(restartedAt).to.be.above(startedAt);
      startedAt = restartedAt;
      client = createPlainClient({ url: service.url });
      const me = await client.request('GET', '/me', undefined, { authorization: `Bearer ${access_token}` });
      expect(me.status).to.equal(200);
      outcome = await (await client.connect()).authenticate({ token, rotation_key: newKey() });
      expect(outcome.event).to.equal('authenticated');
    }
    client.close();
    await service.stop();
  });

  it('keeps an acknowledged logout after SIGKILL', async () => {
    const env = { LATCHKEY_DATA_DIR: folder };
    const service = await startService({ env });
    await service.ready();
    const client = createPlainClient({ url: service.url });
    const socket = await client.connect();
    const outcome = await socket.authenticate({
      ...(await client.register('bob@example.test', password)),
      rotation_key: newKey(),
    });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    expect(await socket.call('logout', {})).to.deep.equal({ ok: true, data: { ended: 1 } });
    service.kill('SIGKILL');
    await service.exited();
    client.close();
    const again = await startService({ env });
    await again.ready();
    const later = createPlainClient({ url: again.url });
    const refused = await (await later.connect()).authenticate({
      token: outcome.payload.token,
      rotation_key: newKey(),
    });
    expect((refused.payload as { code: string }).code).to.equal('session_revoked');
    const { value } = await readMetrics(again);
    expect(value('latchkey_refusals_total', { endpoint: 'authenticate', code: 'session_revoked' })).to.equal(1);
    later.close();
    await again.stop();
  });

  it('drains on SIGTERM, tabs reconnect to another node, and exits with code 0', async () => {
    const service = await startService({ env: { LATCHKEY_DATA_DIR: folder } });
    await service.ready();
    const client = createPlainClient({ url: service.url });
    const socket = await client.connect();
    await socket.authenticate({ ...(await client.register('cy@example.test', password)), rotation_key: newKey() });
    const stopped = service.stop();
    expect(await socket.next<object>('server_drain')).to.have.property('reconnect_after_ms');
    // Not "io server disconnect": the client is meant to come back.
    expect(await socket.closed()).to.equal('transport close');
    expect(await stopped).to.equal(0);
    expect(service.log()).to.include('sockets drained');
    client.close();
  });

  it('exits in spite of a silent connection', async () => {
    const service = await startService({ env: { LATCHKEY_DATA_DIR: folder } });
    await service.ready();
    const silent = connect(service.port, '127.0.0.1');
    silent.on('error', () => {});
    await once(silent, 'connect');
    silent.write('GET /health/live HTTP/1.1\r\n');
    expect(await service.stop()).to.equal(0);
    expect(service.log()).to.not.contain('the deadline cut');
    silent.destroy();
  });

  it('exits at a signal before it is ready', async () => {
    const service = await startService({ env: { LATCHKEY_DATA_DIR: folder } });
    await waitFor(() => existsSync(join(folder, 'lock.1')));
    expect(await service.stop()).to.equal(0);
    const again = await startService({ env: { LATCHKEY_DATA_DIR: folder } });
    await again.ready();
    await again.stop();
  });

  it('gives a first start up at a signal, without a ready line or a link, and the next start is whole', async () => {
    const env = { LATCHKEY_DATA_DIR: folder, LATCHKEY_SHUTDOWN_DEADLINE_IN_SECS: '2' };
    const service = await startService({ env, seeded: false });
    await waitFor(() => existsSync(join(folder, 'db', 'latchkey.incomplete')));
    expect(await service.stop()).to.equal(0);
    expect(service.log())
      .to.contain('"stopping"')
      .and.not.match(/ready: open|#operator=|mailbox#|not ready/);
    const again = await startService({ env, seeded: false });
    await again.ready();
    expect(again.log()).to.contain('ready: open').and.contain('#operator=');
    await again.stop();
  });

  it('treats a signal that arrives twice at once as one, as from a terminal and from npm', async () => {
    const service = await startService({ env: { LATCHKEY_DATA_DIR: folder } });
    await service.ready();
    // A request under way holds the stop, so that the second signal finds it in progress.
    const slow = connect(service.port, '127.0.0.1');
    slow.on('error', () => {});
    slow.write('POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{');
    await new Promise((resolve) => setTimeout(resolve, 100));
    service.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 50));
    service.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 100));
    slow.write('}');
    expect(await service.exited()).to.equal(0);
    slow.destroy();
  });

  it('refuses to start with invalid settings, and names the fix of each', async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const secret = 's'.repeat(40);
    const cases: [Record<string, string>, string][] = [
      [{ DATABASE_URL: url }, 'LATCHKEY_SECRET is missing'],
      [{ DATABASE_URL: url, LATCHKEY_SECRET: secret }, 'latchkey migrate'],
      [{ LATCHKEY_PUBLIC_URI: 'http://x' }, 'did you mean LATCHKEY_PUBLIC_URL?'],
      [{ LATCHKEY_HOOKS: './nowhere.js' }, 'LATCHKEY_HOOKS: '],
    ];
    const file = join(folder, 'file');
    writeFileSync(file, '');
    for (const dataDir of [file, join(file, 'below')])
      cases.push([{ LATCHKEY_DATA_DIR: dataDir }, `The data folder ${dataDir} cannot be used`]);
    for (const [env, sentence] of cases) {
      const service = await startService({ env, seeded: false });
      expect(await service.exited(), sentence).to.equal(1);
      expect(service.log()).to.contain(sentence).and.to.not.contain(secret);
      if (env.LATCHKEY_DATA_DIR !== undefined) expect(service.log()).to.not.contain('    at ');
    }
    await (await sharedPostgres()).dropDatabase(url);
  });

  it('rotates its signing keys by command, and accepts old access tokens', async () => {
    const env = { LATCHKEY_DATA_DIR: folder, LATCHKEY_PUBLIC_URL: 'http://latchkey.test' };
    const service = await startService({ env });
    await service.ready();
    const client = createPlainClient({ url: service.url });
    const outcome = await (await client.connect()).authenticate({
      ...(await client.register('dan@example.test', password)),
      rotation_key: newKey(),
    });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    client.close();
    await service.stop();
    const command = await startService({ env, args: ['keys', 'rotate'] });
    expect(await command.exited(), command.log()).to.equal(0);
    const again = await startService({ env });
    await again.ready();
    const later = createPlainClient({ url: again.url });
    const { body } = await later.request<{ keys: { kid: string }[] }>('GET', '/.well-known/jwks.json');
    expect(body.keys).to.have.length(3);
    const bearer = { authorization: `Bearer ${outcome.payload.access_token}` };
    expect((await later.request('GET', '/me', undefined, bearer)).status).to.equal(200);
    later.close();
    await again.stop();
  });

  it('lets users sign in again after its secret was lost', async () => {
    const env = { LATCHKEY_DATA_DIR: folder };
    const first = await startService({ env });
    await first.ready();
    await createPlainClient({ url: first.url }).register('eve@example.test', password);
    await first.stop();
    rmSync(join(folder, 'secret'));
    const again = await startService({ env });
    await again.ready();
    const client = createPlainClient({ url: again.url });
    const login = await client.login('eve@example.test', password);
    const { event, payload } = await (await client.connect()).authenticate({ ...login, rotation_key: newKey() });
    expect(event, JSON.stringify(payload)).to.equal('authenticated');
    client.close();
    await again.stop();
  });

  it('refuses an unknown command', async () => {
    const unknown = await startService({ args: ['fly'] });
    expect(await unknown.exited()).to.equal(2);
    expect(unknown.log()).to.contain("unknown command 'fly'");
  });
});
