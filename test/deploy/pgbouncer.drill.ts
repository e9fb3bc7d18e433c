import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import { hasPgBouncer, startPgBouncer } from '../../test-kit/database/pgbouncer.ts';
import { sharedPostgres } from '../../test-kit/database/shared-postgres.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';

describe('two nodes through the PgBouncer of deploy/pgbouncer', function () {
  this.timeout(90_000);
  let nodes: ServiceProcess[] = [];
  const ends: (() => Promise<void>)[] = [];

  before(async function () {
    if (!hasPgBouncer) {
      console.log('skipped: this machine has no pgbouncer');
      this.skip();
    }
    const postgres = await sharedPostgres();
    const direct = await postgres.createDatabase();
    ends.unshift(() => postgres.dropDatabase(direct));
    const { port, close } = await startWithFile(new URL(direct));
    ends.unshift(close);
    const through = Object.assign(new URL(direct), { port: String(port), pathname: '/latchkey' }).href;
    const env = { LATCHKEY_SECRET: randomBytes(32).toString('base64url'), LOG_LEVEL: 'info' };
    const migration = await startService({ env: { ...env, DATABASE_URL: direct }, args: ['migrate'] });
    expect(await migration.exited(), migration.log()).to.equal(0);
    const shared = { ...env, DATABASE_URL: through, LATCHKEY_PUBLIC_URL: 'http://latchkey.test' };
    nodes = await Promise.all([startService({ env: shared }), startService({ env: shared })]);
    for (const node of nodes) await node.ready();
  });
  after(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    for (const end of ends) await end();
  });

  /** The file that operators copy, with the places of the test in it. */
  function startWithFile({ username, password, hostname, port: target, pathname }: URL) {
    const database = `host=${hostname} port=${target} dbname=${pathname.slice(1)}`;
    return startPgBouncer(({ port, write }) =>
      readFileSync('deploy/pgbouncer/pgbouncer.ini', 'utf8')
        .replace('host=postgres port=5432 dbname=latchkey', database)
        .replace('listen_addr = 0.0.0.0', 'listen_addr = 127.0.0.1\nunix_socket_dir =')
        .replace('listen_port = 6432', `listen_port = ${port}`)
        .replace('/etc/pgbouncer/userlist.txt', write('userlist.txt', `"${username}" "${password}"\n`)),
    );
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
