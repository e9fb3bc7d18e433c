import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import pg from 'pg';
import { runDoctor } from '../service/src/cli/doctor/run-doctor.ts';
import { hasPgBouncer, startPgBouncer } from '../test-kit/database/pgbouncer.ts';
import { startPostgres } from '../test-kit/database/postgres.ts';
import { startStandby } from '../test-kit/database/standby.ts';
import { listen } from '../test-kit/listen.ts';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { type FaultyProxy, startFaultyProxy } from './doctor/faulty-proxy.ts';

type Env = Readonly<Record<string, string>>;

type Report = Awaited<ReturnType<typeof runDoctor>>;
type DoctorDeps = Parameters<typeof runDoctor>[0];

const clock = createSystemClock();
const aheadBy = (ms: number) => ({ clock: { ...clock, now: () => clock.now() + ms } });
const otherSecret = () => randomBytes(32).toString('base64url');

/** PgBouncer in front of the database of a URL. It takes any password. */
async function startPooler(databaseUrl: string, settings: readonly string[]) {
  const { username, password, port: target, pathname } = new URL(databaseUrl);
  const name = pathname.slice(1);
  const { port, close } = await startPgBouncer(({ port }) =>
    [
      ...[
        '[databases]',
        `${name} = host=127.0.0.1 port=${target} user=${username} password=${password} dbname=${name}`,
      ],
      ...['[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${port}`, 'auth_type = any', 'unix_socket_dir ='],
      ...settings,
    ].join('\n'),
  );
  return { url: `postgres://${username}:any@127.0.0.1:${port}/${name}`, close };
}

describe('doctor, at an installation behind a proxy', function () {
  this.timeout(60_000);
  let proxy: FaultyProxy;
  let cluster: Cluster;
  let node: ServiceProcess;
  let mail: MailServer;
  let env: Env;

  before(async () => {
    [proxy, mail] = await Promise.all([startFaultyProxy(), openMailServer({ password: 'right pass phrase' })]);
    cluster = await createCluster({
      LATCHKEY_PUBLIC_URL: proxy.url,
      LATCHKEY_TRUST_PROXY: '127.0.0.1',
      LATCHKEY_SMTP_URL: mail.url,
      LATCHKEY_MAIL_FROM: 'no-reply@example.org',
    });
    node = await cluster.start();
    env = cluster.env;
  });
  beforeEach(() => {
    proxy.reset();
    proxy.targets = [node.port];
  });
  after(async () => {
    proxy?.close();
    await mail?.close();
    await cluster?.stop();
  });

  /** The report of `doctor` with these settings in place of those of the node. */
  const examine = (more: Env = {}, options: Partial<DoctorDeps> = {}) =>
    runDoctor({ env: { ...env, ...more }, clock, ...options });

  /** The checks that are not ok, with their outcome, without those that were skipped because of them. */
  const troubles = ({ findings }: Report) =>
    Object.fromEntries(
      findings.filter(({ outcome }) => /failed|warning/.test(outcome)).map(({ check, outcome }) => [check, outcome]),
    );

  /** Checks that are not ok. The database is PostgreSQL, so there is no data folder. */
  const others = ({ findings }: Report) =>
    Object.fromEntries(
      findings.filter(({ outcome }) => outcome !== 'ok').map(({ check, outcome }) => [check, outcome]),
    );

  const find = ({ findings }: Report, check: string) => findings.find((finding) => finding.check === check)!;

  it('finds nothing where nothing is wrong', async () => {
    const report = await examine();
    expect(others(report)).eql({ data_folder: 'skipped' });
    expect(report.findings).to.have.length(16);
  });

  it('only reads: a user of the database that may do nothing else is enough', async () => {
    const name = `reader_${randomBytes(6).toString('hex')}`;
    const admin = new pg.Client(cluster.databaseUrl);
    await admin.connect();
    await admin.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}' IN ROLE pg_read_all_data`);
    const url = Object.assign(new URL(cluster.databaseUrl), { username: name, password: name });
    const report = await examine({ DATABASE_URL: url.href });
    await admin.query(`DROP ROLE ${name}`).finally(() => admin.end());
    expect(others(report)).eql({ data_folder: 'skipped' });
  });

  it('prints a line a check, and the remedy of each trouble', async () => {
    const run = await startService({ env: { ...env, LATCHKEY_DATABASE_POOL_SIZE: '200' }, args: ['doctor'] });
    expect(await run.exited()).equal(1);
    const lines = run.log().trimEnd().split('\n');
    expect(lines).to.have.length(18);
    expect(lines[0]).equal('ok       settings     the settings can be used');
    expect(lines.find((line) => line.startsWith('failed'))).match(
      /^failed {3}connections {2}too few connections: 1 node/,
    );
    expect(lines.find((line) => line.includes('→'))).match(/^ {22}→ set LATCHKEY_DATABASE_POOL_SIZE to \d+ at most/);
  });

  it('sends a mail only when it is asked to', async () => {
    await examine();
    expect(mail.received).eql([]);
    const run = await startService({ env, args: ['doctor', '--json', '--mail', 'ann@example.org'] });
    expect(await run.exited()).equal(0);
    expect(find(JSON.parse(run.log()) as Report, 'mail').message).match(
      /^a test mail to ann@example\.org was taken: 250/,
    );
    expect(mail.received.map(({ to }) => to)).eql([['ann@example.org']]);
  });

  it('names a database that is away, a wrong password and a missing migration', async () => {
    const wrong = new URL(cluster.databaseUrl);
    wrong.password = 'wrong';
    const away = new URL(cluster.databaseUrl);
    away.port = '1';
    const postgres = cluster.databaseUrl.replace(/\/[^/]*$/, '/postgres');
    const reports = await Promise.all([away.href, wrong.href, postgres].map((url) => examine({ DATABASE_URL: url })));
    expect(reports.map(troubles)).eql([{ database: 'failed' }, { credentials: 'failed' }, { migrations: 'failed' }]);
    expect(find(reports[0]!, 'database').message).contain('nothing listens at its address');
    expect(find(reports[1]!, 'credentials').remedy).contain('user and the password in DATABASE_URL');
    expect(find(reports[2]!, 'migrations').remedy).contain('latchkey migrate');
    expect(JSON.stringify(reports)).not.contain(new URL(cluster.databaseUrl).password);
  });

  it('names a clock that is apart, and pools that are too large', async () => {
    const reports = await Promise.all([
      examine({}, aheadBy(60_000)),
      examine({}, aheadBy(-20 * 60_000)),
      examine({ LATCHKEY_DATABASE_POOL_SIZE: '120' }),
      examine({ LATCHKEY_DATABASE_POOL_SIZE: '200' }),
    ]);
    expect(reports.map(troubles)).eql([
      { clock: 'warning' },
      { clock: 'failed' },
      { connections: 'warning' },
      { connections: 'failed' },
    ]);
    expect(find(reports[0]!, 'clock').message).match(/is (59|60|61) s ahead of the clock of the database/);
  });

  it('names a public URL that does not answer as the service', async () => {
    const others = [
      createServer((_request, response) => void response.end('<h1>It works!</h1>')),
      createServer((_request, response) => void response.writeHead(301, { location: 'https://id.example/x' }).end()),
    ];
    const urls = await Promise.all(others.map(listen));
    const reports = await Promise.all([
      ...urls.map((url) => examine({ LATCHKEY_PUBLIC_URL: url })),
      examine({ LATCHKEY_PUBLIC_URL: 'http://127.0.0.1:1' }),
      examine({ LATCHKEY_PUBLIC_URL: node.url }),
    ]);
    for (const server of others) close(server);
    expect(reports.map(troubles)).eql(reports.map(() => ({ public_url: 'failed' })));
    expect(reports.map((report) => find(report, 'public_url').message)).eql([
      `${urls[0]} answers 200, but not as this service`,
      `${urls[1]} redirects to https://id.example`,
      'http://127.0.0.1:1 cannot be reached, because nothing listens at its address (ECONNREFUSED)',
      `the service at ${node.url} has the public URL ${proxy.url}`,
    ]);
  });

  it('names a proxy that reaches no node', async () => {
    proxy.faults.isDown = true;
    const report = await examine();
    expect(find(report, 'public_url').message).equal(`${proxy.url} answers 502: the proxy reaches no node`);
  });

  it('names a proxy that drops WebSocket', async () => {
    proxy.faults.dropsUpgrade = true;
    const reports = [await examine(), await examine({ LATCHKEY_LONG_POLLING: 'true' })];
    expect(reports.map(troubles)).eql([{ websocket: 'failed' }, { websocket: 'warning' }]);
    expect(find(reports[0]!, 'websocket').message).contain('Unexpected server response: 400');
  });

  it('names a proxy that replaces Host', async () => {
    proxy.faults.replacesHost = true;
    const report = await examine();
    expect(troubles(report)).eql({ host: 'warning' });
    expect(find(report, 'host').message).equal(
      `the proxy replaces Host: nodes see 127.0.0.1:${node.port}, not ${new URL(proxy.url).host}`,
    );
  });

  it('names a proxy that leaves X-Forwarded-For out, or passes it on as it came', async () => {
    proxy.faults.forwardedFor = 'leave out';
    const without = await examine();
    proxy.faults.forwardedFor = 'pass';
    const passing = await examine();
    expect([without, passing].map(troubles)).eql([{ proxy: 'warning' }, { proxy: 'failed' }]);
    expect(find(passing, 'proxy').message).contain('each client can choose its address');
  });

  it('names a proxy that is not trusted', async () => {
    proxy.faults.from = '127.0.0.2';
    const report = await examine();
    expect(troubles(report)).eql({ proxy: 'failed' });
    expect(find(report, 'proxy').remedy).equal('add 127.0.0.2, or the network of the proxies, to LATCHKEY_TRUST_PROXY');
  });

  it('names a node that does not trust the proxy, whichever answers first', async () => {
    const other = await startService({ env: { ...env, LATCHKEY_TRUST_PROXY: '10.0.0.1' } });
    await other.ready();
    const reports: Report[] = [];
    for (const targets of [
      [node.port, other.port],
      [other.port, node.port],
    ]) {
      proxy.targets = targets;
      reports.push(await examine());
    }
    await other.stop();
    expect(reports.map(troubles)).eql([{ proxy: 'failed' }, { proxy: 'failed' }]);
    expect(find(reports[0]!, 'proxy').message).contain('127.0.0.1 is not trusted').and.contain('(4 of 8 requests)');
  });

  it('names a mail server that refuses the password, and one that refuses the mail', async () => {
    const wrong = await examine({ LATCHKEY_SMTP_URL: mail.url.replace('right', 'wrong') });
    mail.refusal = { at: 'RCPT TO', reply: 550 };
    const refused = await examine({}, { mailTo: 'ann@example.org' });
    mail.refusal = undefined;
    for (const report of [wrong, refused]) expect(find(report, 'mail').outcome).equal('failed');
    expect(find(wrong, 'mail').message).equal('the mail server cannot be used (535 5.7.8 at AUTH)');
    expect(JSON.stringify(wrong)).not.contain('pass%20phrase');
  });

  it('names settings that cannot be used, and checks nothing else', async () => {
    const report = await examine({ LATCHKEY_TOKEN_EXPIRES_IN_MINUTES: '5' });
    expect(troubles(report)).eql({ settings: 'failed' });
    expect(find(report, 'settings').message).contain('LATCHKEY_TOKEN_EXPIRES_IN_MINS');
    expect(report.findings.filter(({ outcome }) => outcome === 'skipped')).to.have.length(15);
  });

  it('names an embedded database that no process serves, and does not create its folder', async () => {
    const folder = join(tmpdir(), `latchkey-${otherSecret()}`);
    const report = await runDoctor({ env: { LATCHKEY_DATA_DIR: folder, PORT: '1' }, clock });
    expect(troubles(report)).eql({ database: 'warning', public_url: 'failed' });
    expect(find(report, 'primary')).include({ outcome: 'skipped', message: 'the database is embedded' });
    expect(find(report, 'secret')).include({ outcome: 'skipped' });
    expect(existsSync(folder)).equal(false);
  });

  it('names a data folder that cannot be made, and does not ask for a start', async () => {
    const file = fileURLToPath(import.meta.url);
    const report = await runDoctor({ env: { LATCHKEY_DATA_DIR: join(file, 'data'), PORT: '1' }, clock });
    expect(troubles(report)).eql({ data_folder: 'failed', public_url: 'failed' });
    expect(find(report, 'data_folder').message).contain('because a file is in its place (ENOTDIR)');
    expect(find(report, 'database')).include({ outcome: 'skipped' });
  });

  it('sends the test mail of an embedded service in development to its mailbox, as mail test does', async () => {
    const service = await startService();
    await service.ready();
    const env = { LATCHKEY_DATA_DIR: service.dataFolder, LATCHKEY_PUBLIC_URL: service.url, PORT: `${service.port}` };
    const report = await runDoctor({ env, clock, mailTo: 'ann@example.org' });
    await service.stop();
    expect(find(report, 'data_folder').outcome).equal('ok');
    expect(find(report, 'mail')).include({ outcome: 'ok' });
    expect(find(report, 'mail').message).contain('a test mail to ann@example.org was taken');
  });

  it('names a list of trusted proxies that covers clients', async () => {
    const report = await examine({ LATCHKEY_TRUST_PROXY: '127.0.0.1,192.0.0.0/8' });
    expect(troubles(report)).eql({ proxy: 'failed' });
    expect(find(report, 'proxy').message).contain('covers clients');
  });

  it('names PgBouncer in transaction mode, and one that refuses parameters', async function () {
    // Only Debian’s package is used; without it this trouble is not planted.
    if (!hasPgBouncer) this.skip();
    const ignored = 'ignore_startup_parameters = statement_timeout, idle_in_transaction_session_timeout';
    const [transaction, session, right] = await Promise.all([
      startPooler(cluster.databaseUrl, ['pool_mode = transaction', ignored]),
      startPooler(cluster.databaseUrl, ['pool_mode = session']),
      startPooler(cluster.databaseUrl, ['pool_mode = session', ignored]),
    ]);
    const reports = await Promise.all([transaction, session, right].map(({ url }) => examine({ DATABASE_URL: url })));
    await Promise.all([transaction, session, right].map((one) => one.close()));
    expect(reports.map(troubles)).eql([{ pooler: 'failed' }, { pooler: 'failed' }, {}]);
    expect(find(reports[0]!, 'pooler').message).contain('in transaction mode');
    expect(find(reports[1]!, 'pooler').message).contain('the parameter statement_timeout');
  });

  it('names a standby in place of the primary', async () => {
    const primary = await startPostgres();
    const standby = await startStandby(primary, { through: primary.port });
    const report = await examine({ DATABASE_URL: standby.url });
    await Promise.all([standby.stop(), primary.stop()]);
    expect(troubles(report)).include({ primary: 'failed' });
    expect(find(report, 'primary').message).equal('the server is a standby, which takes no writes');
  });

  it('names a node with another secret, by the database and by its answers', async () => {
    const wrong = await startService({ env: { ...env, LATCHKEY_SECRET: otherSecret() } });
    await waitFor(async () => 'secret' in troubles(await examine()), 20_000, wrong.log);
    proxy.targets = [node.port, wrong.port];
    // Without the database: as with the embedded one of another machine.
    const { DATABASE_URL: _, ...embedded } = env;
    const reports = [
      await examine(),
      await examine({ LATCHKEY_SECRET: otherSecret() }),
      await runDoctor({ env: embedded, clock }),
    ];
    await wrong.stop();
    for (const report of reports) expect(find(report, 'readiness').message).match(/^a node is not ready \(.*keys/);
    const found = reports.map((report) => find(report, 'secret'));
    expect(found.map(({ outcome }) => outcome)).eql(['failed', 'failed', 'failed']);
    expect(found.map(({ message }) => message)).eql([
      'nodes have a secret that this process lacks',
      'nodes of this database have another secret than this process',
      `2 of 4 requests to ${proxy.url} reached a node that has another secret, or a node of another deployment`,
    ]);
  });
});

const close = (server: Server) => {
  server.close();
  server.closeAllConnections();
};
