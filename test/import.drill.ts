import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../test-kit/client/plain-socket.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { command, query, signUp } from './admin/signed-in-user.ts';

/** IMPORT_USERS=100000 for the whole measurement, whose bounds are then asserted. */
const users = Number(process.env.IMPORT_USERS ?? 3_000);
const isWhole = users >= 100_000;

/** A hash of each format, and its password. The sources are in foreign-hash.test.ts. */
const formats = [
  ['password', '$argon2i$v=19$m=380,t=2,p=2$c29tZXNhbHQ$SrssP8n7m/12VWPM8dvNrw'],
  ['U*U*', '$2b$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
  ['pleaseletmein', '$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI'],
  [
    'mytestpassword',
    '$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=ou9tdYTGyYm8kuR6Dt0Bp0kDuAYoXrK16mbZO4yGwAn3oLspjnN0/c41v8xZnO1n14J3MjKj1b2g6AUCAlFwMw==$C0sHCg9ek77hsg==$zKVTMvnWVw5BBOZNUdnsalx4c4c7y/w7IS5p6Ut2+CfEFFlz37J9huyQfov4iizN8dbjvEJlM5tQaJP84+hfTw==',
  ],
  [
    'test',
    '$pbkdf2-sha512$i=100000,l=32$bdHBpn7OWOivJMVJypy2UqR0UnaD5prQXRZevj/05YU$+wArTfv1a+bNGO1iZrmEdVjhA+lL11wF4/IxpgYfPwc',
  ],
  ['l\u00e8tmein', 'pbkdf2_sha256$20000$seasalt$oBSd886ysm3AqYun62DOdin8YcfbU1z9cksZSuLP9r0='],
] as const;

const emailOf = (n: number) => `user-${n}@import.example`;

function rowOf(n: number): string {
  const [, password_hash] = formats[n % formats.length]!;
  const names = { external_id: `old-${n}`, name: `User ${n}`, email_verified: n % 2 === 0 };
  return JSON.stringify({ email: emailOf(n), ...names, app_metadata: { roles: ['reader'] }, password_hash });
}

/** The most memory that a process has had, in MiB, as long as it runs. */
function watchMemory(pid: number): { readonly peakInMib: () => number; stop(): void } {
  let peak = 0;
  const timer = setInterval(() => {
    try {
      const [, kib] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
      peak = Math.max(peak, Number(kib ?? 0) / 1_024);
    } catch {
      // It has ended.
    }
  }, 20);
  return { peakInMib: () => Math.round(peak), stop: () => clearInterval(timer) };
}

/** Times of round trips of a socket, ten a second, until it is stopped. A refused call reaches no database. */
function measureRoundTrips(socket: PlainSocket): { stop(): Promise<number[]> } {
  const times: number[] = [];
  let isRunning = true;
  const done = (async () => {
    while (isRunning) {
      const began = performance.now();
      await socket.call('refresh', { admin: 'no boolean' });
      times.push(performance.now() - began);
      await sleep(100);
    }
  })();
  return {
    async stop() {
      isRunning = false;
      await done;
      return times.toSorted((a, b) => a - b);
    },
  };
}

const summaryOf = (log: string) =>
  JSON.parse(
    log
      .trim()
      .split('\n')
      .findLast((line) => line.startsWith('{"created"'))!,
  ) as object;

async function signInAll(url: string): Promise<void> {
  const client = createPlainClient({ url });
  for (let n = 0; n < formats.length * 10; n++) {
    const login = await client.login(emailOf(n), formats[n % formats.length]![0]);
    expect(login.code, `${n}`).to.be.a('string');
  }
  client.close();
}

describe('an import of users', function () {
  this.timeout(isWhole ? 600_000 : 180_000);
  let cluster: Cluster;
  let node: ServiceProcess;
  let folder: string;
  let file: string;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-import-'));
    file = join(folder, 'users.ndjson');
    writeFileSync(file, Array.from({ length: users }, (_, n) => `${rowOf(n)}\n`).join(''));
    cluster = await createCluster({ LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168', LATCHKEY_ARGON2_PASSES: '1' });
    node = await cluster.start();
  });
  after(async () => {
    await cluster.stop();
    rmSync(folder, { recursive: true });
  });

  const count = async () =>
    (
      await query<{ n: number }>(
        cluster.databaseUrl,
        'SELECT count(*)::int AS n FROM users WHERE external_id IS NOT NULL',
      )
    )[0]!.n;
  const start = (...words: string[]) => startService({ env: cluster.env, args: ['user', 'import', file, ...words] });

  it('stores nothing in a dry run', async () => {
    const run = await start('--dry-run');
    expect(await run.exited(), run.log().slice(-500)).to.equal(0);
    expect(summaryOf(run.log())).to.deep.equal({ created: users, exists: 0, invalid: 0, dry_run: true });
    expect(await count()).to.equal(0);
  });

  it('that is killed leaves no half account, and the next one completes it', async () => {
    const run = await start();
    await waitFor(async () => (await count()) > 0, 30_000);
    run.kill('SIGKILL');
    expect(await run.exited()).to.equal(137);
    const half = await query(
      cluster.databaseUrl,
      `SELECT FROM users WHERE external_id IS NOT NULL
        AND (email_key IS NULL OR password_hash IS NULL OR name IS NULL OR app_metadata = '{}')`,
    );
    expect(half).to.deep.equal([]);
    const stored = await count();
    const [audited] = await query<{ n: number }>(
      cluster.databaseUrl,
      `SELECT sum((detail->>'created')::int)::int AS n FROM audit WHERE action = 'users_imported'`,
    );
    expect(audited).to.deep.equal({ n: stored });
    const again = await start();
    expect(await again.exited(), again.log().slice(-500)).to.equal(0);
    expect(summaryOf(again.log())).to.deep.equal({ created: users - stored, exists: stored, invalid: 0 });
    await query(cluster.databaseUrl, 'DELETE FROM users WHERE external_id IS NOT NULL');
  });

  it('of many formats is fast, takes little memory and does not disturb sockets; each user signs in', async () => {
    const { client, socket } = await signUp(node.url, 'ann@example.org');
    const trips = measureRoundTrips(socket);
    const began = performance.now();
    const run = await start();
    const memory = watchMemory(run.pid);
    const code = await run.exited();
    const seconds = (performance.now() - began) / 1_000;
    memory.stop();
    const times = await trips.stop();
    client.close();
    expect(code, run.log().slice(-500)).to.equal(0);
    expect(summaryOf(run.log())).to.deep.equal({ created: users, exists: 0, invalid: 0 });
    const p99 = times[Math.floor(times.length * 0.99)]!;
    const shown = `${users} users in ${seconds.toFixed(1)} s, ${memory.peakInMib()} MiB; round trips of a socket: p99 ${p99.toFixed(1)} ms`;
    console.log(`      ${shown}`);
    expect(memory.peakInMib(), shown).to.be.below(300);
    if (isWhole) expect(seconds, shown).to.be.below((60 * users) / 100_000);
    if (isWhole) expect(p99, shown).to.be.below(50);
    await signInAll(node.url);
    const rehashed = await query<{ n: number }>(
      cluster.databaseUrl,
      `SELECT count(*)::int AS n FROM users WHERE external_id IS NOT NULL AND password_hash LIKE '$argon2id$v=19$m=7168,t=1,p=1$%'`,
    );
    expect(rehashed).to.deep.equal([{ n: formats.length * 10 }]);
  });

  it('is exported again, and the export is in the audit', async () => {
    const { code, log } = await command(cluster.env, 'user', 'export');
    expect(code).to.equal(0);
    const rows = log.split('\n').filter((line) => line.includes('import.example'));
    expect(rows).to.have.length(users);
    expect(log).not.to.contain('$');
    const secret = await command(cluster.env, 'user', 'export', '--with-secrets');
    expect(secret.log).to.contain('$fbscrypt$');
    const audited = await query(
      cluster.databaseUrl,
      `SELECT detail FROM audit WHERE action = 'users_exported' ORDER BY id`,
    );
    const by = { by: 'command line' };
    expect(audited).to.deep.equal([{ detail: { ...by, secrets: false } }, { detail: { ...by, secrets: true } }]);
  });

  it('reports lines that are no users, and ends with 1', async () => {
    const bad = join(folder, 'bad.ndjson');
    writeFileSync(
      bad,
      `\ufeff${rowOf(0)}\n\nno json\n{"email":"x@import.example","operator":true}\n"${'x'.repeat(70_000)}"\n${rowOf(users + 1)}`,
    );
    const { code, log } = await command(cluster.env, 'user', 'import', bad);
    expect(code).to.equal(1);
    const rows = log
      .trim()
      .split('\n')
      .filter((line) => line.startsWith('{"line"'))
      .map((line) => JSON.parse(line) as { line: number; outcome: string });
    expect(rows.map(({ line, outcome }) => [line, outcome])).to.deep.equal([
      ...[
        [1, 'exists'],
        [3, 'invalid'],
        [4, 'invalid'],
        [5, 'invalid'],
        [6, 'created'],
      ],
    ]);
    for (const [exitCode, ...words] of [
      [1, '--tenant', 'nowhere'],
      [2, '--dry'],
      [2, 'two'],
    ] as const) {
      const refused = await command(cluster.env, 'user', 'import', bad, ...words);
      expect(refused.code, words.join(' ')).to.equal(exitCode);
      expect(refused.log).not.to.contain('    at ');
    }
  });
});

describe('an import into the embedded database of a running service', function () {
  this.timeout(90_000);
  let service: ServiceProcess;
  before(async () => {
    service = await startService();
    await service.ready();
  });
  after(() => service.stop());

  it('stores users who sign in', async () => {
    const env = { LATCHKEY_DATA_DIR: service.dataFolder };
    const file = join(tmpdir(), `latchkey-import-${process.pid}.ndjson`);
    writeFileSync(file, Array.from({ length: 120 }, (_, n) => `${rowOf(n)}\n`).join(''));
    const { code, log } = await command(env, 'user', 'import', file);
    rmSync(file);
    expect(code, log.slice(-500)).to.equal(0);
    expect(summaryOf(log)).to.deep.equal({ created: 120, exists: 0, invalid: 0 });
    const client = createPlainClient({ url: service.url });
    const socket = await client.connect();
    const login = await client.login(emailOf(1), formats[1][0]);
    expect((await socket.authenticate({ ...login, rotation_key: newKey() })).event).to.equal('authenticated');
    client.close();
    const exported = await command(env, 'user', 'export');
    expect(exported.log.split('\n').filter((line) => line.includes('import.example'))).to.have.length(120);
  });
});
