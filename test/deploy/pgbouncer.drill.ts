import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import { sharedPostgres } from '../../test-kit/database/shared-postgres.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';

/** PgBouncer refuses to run as root, and then becomes this user. */
const unprivileged = 'nobody';

describe('two nodes through the PgBouncer of deploy/pgbouncer', function () {
  this.timeout(90_000);
  let bouncer: ChildProcess;
  let folder: string;
  let nodes: ServiceProcess[] = [];
  let dropDatabase = async () => {};

  before(async function () {
    if (spawnSync('pgbouncer', ['--version']).error !== undefined) {
      console.log('skipped: this machine has no pgbouncer');
      this.skip();
    }
    const postgres = await sharedPostgres();
    const direct = await postgres.createDatabase();
    dropDatabase = () => postgres.dropDatabase(direct);
    const port = await freePort();
    folder = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
    chmodSync(folder, 0o755);
    startBouncer(new URL(direct), port);
    const through = Object.assign(new URL(direct), { port: String(port), pathname: '/latchkey' }).href;
    const env = { LATCHKEY_SECRET: randomBytes(32).toString('base64url'), LOG_LEVEL: 'info' };
    const migration = await startService({ env: { ...env, DATABASE_URL: direct }, args: ['migrate'] });
    expect(await migration.exited(), migration.log()).to.equal(0);
    const start = () =>
      startService({ env: { ...env, DATABASE_URL: through, LATCHKEY_PUBLIC_URL: 'http://latchkey.test' } });
    nodes = await Promise.all([start(), start()]);
    for (const node of nodes) await node.ready();
  });
  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    if (bouncer?.kill('SIGKILL')) await once(bouncer, 'exit');
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    await dropDatabase();
  });

  function startBouncer({ username, password, hostname, port: target, pathname }: URL, port: number): void {
    const users = join(folder, 'userlist.txt');
    writeFileSync(users, `"${username}" "${password}"\n`, { mode: 0o644 });
    const text = readFileSync('deploy/pgbouncer/pgbouncer.ini', 'utf8')
      .replace('host=postgres port=5432 dbname=latchkey', `host=${hostname} port=${target} dbname=${pathname.slice(1)}`)
      .replace('listen_addr = 0.0.0.0', 'listen_addr = 127.0.0.1\nunix_socket_dir =')
      .replace('listen_port = 6432', `listen_port = ${port}`)
      .replace('/etc/pgbouncer/userlist.txt', users);
    const file = join(folder, 'pgbouncer.ini');
    writeFileSync(file, text, { mode: 0o644 });
    const user = process.getuid?.() === 0 ? ['-u', unprivileged] : [];
    bouncer = spawn('pgbouncer', [...user, file], { stdio: 'ignore' });
  }

  it('rotate a session on both, and end it at both by a logout at one', async () => {
    const [one, two] = nodes.map((node) => createPlainClient(node));
    const login = await one!.register('ann@example.test', 'correct horse battery');
    const socket = await one!.connect();
    const first = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (first.event !== 'authenticated') throw new Error(first.payload.code);
    const other = await two!.connect();
    const second = await other.authenticate({ token: first.payload.token, rotation_key: newKey() });
    expect(second.event).to.equal('authenticated');
    await other.call('logout', {});
    await socket.closed(5_000);
    one!.close();
    two!.close();
  });
});
