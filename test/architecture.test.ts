import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { basename, dirname, join, normalize } from 'node:path';
import { backendPushes } from '@latchkey/contract';
import { expect } from 'chai';

/** Which room a file stands in, and what that room may import: rooms, packages, `node`. `type:` allows types only. */
interface Room {
  readonly name: string;
  readonly where: RegExp;
  readonly may: readonly string[];
}

/** Their users have one of them. */
const typesOfFrameworks = ['type:express', 'type:fastify', 'type:koa'];

const wire = ['contract', 'base', 'core/base'];

/** The layers of docs/why/architecture.md. The first row that fits a file is its layer. */
const rooms: readonly Room[] = [
  { name: 'contract/schemas', where: /^contract\/src\/schemas\//, may: ['contract', 'zod'] },
  { name: 'contract', where: /^contract\/src\//, may: [] },
  { name: 'migrations', where: /^migrations\/src\//, may: ['kysely', 'tr46', 'unhomoglyph'] },
  {
    name: 'base',
    where: /^service\/src\/base\//,
    may: ['node', 'contract', 'core/base', 'proxy-addr', 'ipaddr.js', 'bowser', 'lossless-json', 'zod'],
  },
  { name: 'config', where: /^service\/src\/config\//, may: ['node', ...wire, 'zod'] },
  { name: 'db/migrate', where: /^service\/src\/db\/migrate\.ts$/, may: ['db', 'migrations', 'kysely'] },
  {
    name: 'db',
    where: /^service\/src\/db\//,
    may: ['node', ...wire, 'type:config', 'db/migrate', 'kysely', 'pg', '@electric-sql/pglite'],
  },
  {
    name: 'ops/metrics',
    where: /^service\/src\/ops\/metrics\//,
    may: ['node', 'contract', 'core/base', 'prom-client'],
  },
  {
    name: 'ops',
    where: /^service\/src\/ops\//,
    may: ['node', ...wire, 'type:db', 'type:domain', 'core', 'pino'],
  },
  {
    name: 'domain',
    where: /^service\/src\/domain\//,
    may: [
      'node',
      ...wire,
      'contract/schemas',
      'core',
      'db',
      'type:domain',
      'domain/live-session',
      'domain/pagination',
      'kysely',
      'zod',
      'jsonwebtoken',
      '@node-rs/argon2',
      '@node-rs/bcrypt',
      'p-limit',
      'lru-cache',
      'rate-limiter-flexible',
      '@zxcvbn-ts/language-common',
      'image-size',
      'ipaddr.js',
      'tr46',
      'unhomoglyph',
    ],
  },
  { name: 'hook', where: /^service\/src\/hook\//, may: ['node', ...wire, 'type:domain', 'zod'] },
  {
    name: 'mail',
    where: /^service\/src\/mail\//,
    may: ['node', ...wire, 'config', 'type:db', 'domain', 'type:hook', 'type:ops', 'core', 'nodemailer', 'escape-html'],
  },
  {
    name: 'flow',
    where: /^service\/src\/flow\//,
    may: [
      'node',
      ...wire,
      'domain',
      'type:hook',
      'type:mail',
      'type:ops',
      'db/transaction',
      'db/deadline',
      'type:db',
      'type:config',
      'core',
    ],
  },
  {
    name: 'http',
    where: /^service\/src\/http\//,
    may: [
      'node',
      ...wire,
      'type:flow',
      'type:mail',
      'ops',
      'type:ops/metrics',
      'config',
      'type:domain',
      'core',
      'contract/schemas',
      'koa',
      '@koa/router',
      '@koa/cors',
      'koa-body',
      'koa-helmet',
      'koa-static',
      'zod',
    ],
  },
  {
    name: 'socket',
    where: /^service\/src\/socket\//,
    may: ['node', ...wire, 'contract/schemas', 'type:flow', 'ops', 'config', 'type:domain', 'core', 'socket.io', 'zod'],
  },
  {
    name: 'bootstrap',
    where: /^service\/src\/bootstrap\//,
    may: [
      'node',
      ...wire,
      'config',
      'db',
      'db/migrate',
      'domain',
      'hook',
      'mail',
      'flow',
      'http',
      'socket',
      'ops',
      'ops/metrics',
      'cli',
      'core',
    ],
  },
  {
    name: 'cli',
    where: /^service\/src\/cli\//,
    may: [
      'node',
      ...wire,
      'config',
      'db',
      'db/migrate',
      'domain',
      'flow',
      'type:mail',
      'hook',
      'ops',
      'bootstrap',
      'jsonwebtoken',
      'commander',
      'socket.io-client',
      'zod',
    ],
  },
  {
    name: 'embed',
    where: /^service\/src\/embed\//,
    may: [
      'node',
      ...wire,
      'config',
      'type:domain',
      'hook',
      'mail',
      'http',
      'socket',
      'ops',
      'bootstrap',
      'core',
      'sdk-server/internal',
      'type:sdk-server',
      'koa',
      'socket.io',
    ],
  },
  { name: 'main', where: /^service\/src\/(main|index)\.ts$/, may: ['*'] },
  { name: 'core/base', where: /^core\/src\/base\//, may: ['node'] },
  { name: 'core/trace', where: /^core\/src\/trace\//, may: ['contract', '@opentelemetry/api'] },
  {
    name: 'core/jwt',
    where: /^core\/src\/jwt\//,
    may: ['node', 'contract', 'jsonwebtoken', 'zod'],
  },
  {
    name: 'core/proof',
    where: /^core\/src\/(proof|access-token)\//,
    may: ['node', 'contract', 'core/base', 'core/jwt', 'type:core/cause', 'lru-cache', 'zod'],
  },
  { name: 'core/cause', where: /^core\/src\/cause\//, may: ['node', 'type:contract', 'core/base'] },
  {
    name: 'core/engine',
    where: /^core\/src\/engine\//,
    may: ['node', 'contract', 'core/base', 'type:core/cause', 'socket.io', 'ws', 'ipaddr.js'],
  },
  {
    name: 'core/socket',
    where: /^core\/src\/(socket\/|authority\.ts)/,
    may: ['node', 'contract', 'contract/schemas', 'core/base', 'core/jwt', 'core/cause', 'core/engine', 'socket.io'],
  },
  { name: 'core', where: /^core\/src\/(index|internal)\.ts$/, may: ['*'] },
  {
    name: 'sdk-server/entry',
    where: /^sdk-server\/src\/(internal|express|fastify|koa|(\w+\/)?index)\.ts$/,
    may: [
      'contract',
      'core',
      'sdk-server',
      'sdk-server/change',
      'sdk-server/metrics',
      'sdk-server/transaction',
      ...typesOfFrameworks,
    ],
  },
  {
    name: 'sdk-server/change',
    where: /^sdk-server\/src\/change\//,
    may: ['node', 'contract', 'core/base', 'type:core', 'socket.io', 'type:sdk-server'],
  },
  {
    name: 'sdk-server/transaction',
    where: /^sdk-server\/src\/transaction\//,
    may: ['node', 'contract', 'core/base', 'type:core', 'type:sdk-server/change', 'type:sdk-server'],
  },
  {
    name: 'sdk-server/metrics',
    where: /^sdk-server\/src\/metrics\//,
    may: ['node', 'contract', 'core/base', 'type:core', 'type:sdk-server', 'prom-client'],
  },
  {
    name: 'sdk-server',
    where: /^sdk-server\/src\//,
    may: [
      'node',
      'contract',
      'core',
      'contract/schemas',
      'zod',
      'socket.io',
      'socket.io-client',
      'lru-cache',
      'sdk-server/change',
      'sdk-server/metrics',
      'sdk-server/transaction',
    ],
  },
  // sdk-browser, from the lowest layer to the highest.
  { name: 'sdk-browser/platform', where: /^sdk-browser\/src\/platform\//, may: ['contract', '@noble/hashes'] },
  { name: 'sdk-browser/tabs', where: /^sdk-browser\/src\/tabs\//, may: ['sdk-browser/platform'] },
  { name: 'sdk-browser/proof', where: /^sdk-browser\/src\/proof\//, may: ['contract', 'sdk-browser/platform'] },
  {
    name: 'sdk-browser/tokens',
    where: /^sdk-browser\/src\/tokens\//,
    may: ['contract', 'sdk-browser/platform', 'sdk-browser/tabs'],
  },
  {
    name: 'sdk-browser/http',
    where: /^sdk-browser\/src\/http\//,
    may: ['contract', 'sdk-browser/platform', 'sdk-browser/proof', 'sdk-browser/tokens'],
  },
  {
    name: 'sdk-browser/refresh',
    where: /^sdk-browser\/src\/refresh\//,
    may: ['contract', 'sdk-browser/platform', 'sdk-browser/tokens', 'sdk-browser/http'],
  },
  {
    name: 'sdk-browser/connection',
    where: /^sdk-browser\/src\/connection\//,
    may: [
      'contract',
      'sdk-browser/platform',
      'type:sdk-browser/proof',
      'sdk-browser/tokens',
      'sdk-browser/refresh',
      'socket.io-client',
    ],
  },
  {
    name: 'sdk-browser/auth',
    where: /^sdk-browser\/src\/auth\//,
    may: [
      'contract',
      'sdk-browser/platform',
      'type:sdk-browser/proof',
      'sdk-browser/tokens',
      'sdk-browser/http',
      'sdk-browser/connection',
    ],
  },
  {
    name: 'sdk-browser/session',
    where: /^sdk-browser\/src\/session\//,
    may: [
      'contract',
      'sdk-browser/platform',
      'sdk-browser/tabs',
      'sdk-browser/proof',
      'sdk-browser/tokens',
      'sdk-browser/http',
      'sdk-browser/refresh',
      'sdk-browser/connection',
      'sdk-browser/auth',
      'type:socket.io-client',
    ],
  },
  {
    name: 'sdk-browser/async-storage',
    where: /^sdk-browser\/src\/async-storage\//,
    may: ['sdk-browser/platform', 'sdk-browser/tokens'],
  },
  {
    name: 'sdk-browser/redirect',
    where: /^sdk-browser\/src\/redirect\//,
    may: ['contract', 'sdk-browser/platform', 'sdk-browser/tokens', 'sdk-browser/auth', 'sdk-browser/session'],
  },
  {
    name: 'sdk-browser/api',
    where: /^sdk-browser\/src\/api\//,
    may: ['contract', 'sdk-browser/platform', 'sdk-browser/connection', 'sdk-browser/session', 'type:socket.io-client'],
  },
  {
    name: 'sdk-browser/users',
    where: /^sdk-browser\/src\/users\//,
    may: ['contract', 'sdk-browser/platform', 'sdk-browser/connection', 'sdk-browser/session'],
  },
  {
    name: 'sdk-browser/admin',
    where: /^sdk-browser\/src\/admin\//,
    may: [
      'contract',
      'sdk-browser/platform',
      'sdk-browser/tokens',
      'sdk-browser/http',
      'sdk-browser/connection',
      'sdk-browser/session',
    ],
  },
  {
    name: 'sdk-browser/account',
    where: /^sdk-browser\/src\/account\//,
    may: [
      'contract',
      'sdk-browser/platform',
      'type:sdk-browser/tokens',
      'sdk-browser/http',
      'sdk-browser/auth',
      'sdk-browser/session',
    ],
  },
  {
    name: 'sdk-browser/react',
    where: /^sdk-browser\/src\/react\//,
    may: ['contract', 'sdk-browser/platform', 'sdk-browser/session', 'sdk-browser/account', 'sdk-browser/api', 'react'],
  },
  { name: 'sdk-browser', where: /^sdk-browser\/src\/(index|unbound|script)\.ts$/, may: ['*'] },
  { name: 'create-latchkey', where: /^create-latchkey\/src\//, may: ['node'] },
  { name: 'create-latchkey/template', where: /^create-latchkey\/template\//, may: ['*'] },
  { name: 'service/pages', where: /^service\/pages\/(src|test)\//, may: ['*'] },
  {
    name: 'examples/bank/account',
    where: /^examples\/bank\/src\/(account|database)\//,
    may: ['node', 'contract', 'sdk-server', 'type:examples/bank', 'kysely', 'pg', '@electric-sql/pglite'],
  },
  { name: 'examples/bank', where: /^examples\/bank\/src\//, may: ['*'] },
  { name: 'examples/bank/page', where: /^examples\/bank\/page\/src\//, may: ['*'] },
];

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '--', '*.ts', '*.tsx'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(file));
const sources = tracked.filter((file) => /(^|\/)src\//.test(file));

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const statements = text.matchAll(
    /^(?:import|export)\s+(type\s+)?((?:[\w*]+(?:\s+as\s+\w+)?,?\s*)?(?:\{[^}]*\})?)\s*from\s+'([^']+)'/gm,
  );
  const found = [...statements].map(([, type, names, to]) => ({
    to: to!,
    typeOnly: type !== undefined || isAllTypes(names!),
  }));
  const dynamic = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map(([, to]) => ({ to: to!, typeOnly: false }));
  return [...found, ...dynamic].map(({ to, typeOnly }) => ({
    from: file,
    to: to.startsWith('.') ? normalize(join(dirname(file), to)) : to,
    typeOnly,
  }));
}

/** `import { type A, type B }` is a type import as well. */
function isAllTypes(names: string): boolean {
  const list = /^\{([\s\S]*)\}$/
    .exec(names.trim())?.[1]
    ?.split(',')
    .map((name) => name.trim())
    .filter(Boolean);
  return list !== undefined && list.length > 0 && list.every((name) => name.startsWith('type '));
}

function roomOf(file: string): Room | undefined {
  return rooms.find((room) => room.where.test(file));
}

/** Single files that more rooms may import than the room they are in. */
const fileRooms = new Map([
  ['service/src/db/transaction.ts', ['db/transaction']],
  ['service/src/db/deadline.ts', ['db/deadline']],
  ['service/src/domain/session/live-session.sql.ts', ['domain/live-session']],
  ['service/src/domain/pagination.ts', ['domain/pagination']],
]);

/** Names under which a room's table may allow the target. */
function namesOf(target: string): string[] {
  const bare = target.replace(/^node:/, '');
  if (target.startsWith('node:') || builtinModules.includes(bare)) return ['node'];
  if (target === '@latchkey/contract/schemas') return ['contract/schemas'];
  if (target === '@latchkey/core/internal') return ['core/base', 'core'];
  if (target === '@latchkey/sdk-server/internal') return ['sdk-server/internal'];
  if (target.startsWith('@latchkey/')) return [target.split('/')[1]!];
  const room = roomOf(target)?.name;
  if (room !== undefined) return [room, ...(fileRooms.get(target) ?? [])];
  return [target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : target.split('/')[0]!];
}

const domainRoom = (file: string) => /^service\/src\/domain\/([^/]+)\//.exec(file)?.[1];

function isAllowed(found: Import): boolean {
  const room = roomOf(found.from);
  if (room === undefined || room.may.includes('*')) return true;
  const inside = roomOf(found.to) === room && domainRoom(found.from) === domainRoom(found.to);
  if (inside) return true;
  return namesOf(found.to).some(
    (name) => room.may.includes(name) || (found.typeOnly && room.may.includes(`type:${name}`)),
  );
}

function tell({ from, to, typeOnly }: Import): string {
  return `${from} imports ${typeOnly ? 'types of ' : ''}${to}`;
}

/** Files that import each other, types too. */
function circles(files: readonly string[]): string[][] {
  const edges = new Map(files.map((file) => [file, importsOf(file).map((found) => found.to)]));
  const done = new Set<string>();
  const found: string[][] = [];
  const walk = (file: string, path: readonly string[]) => {
    const at = path.indexOf(file);
    if (at >= 0) found.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const next of edges.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return found;
}

/** Regular expressions for a whole text, but for the shortest. */
function patternsOf(file: string): string[] {
  const literals = readFileSync(file, 'utf8').matchAll(
    /[\s(:=](\/\^(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\$\/)[a-z]*[\s.,;)]/g,
  );
  return [...literals].map(([, pattern]) => pattern!).filter((pattern) => pattern.length >= 15);
}

/** Timers that are no polling: each has another time, and no period. */
const selfSchedulingAllowed = new Set([
  // sdk-browser imports no package of Node, and has no other use for such a timer.
  'outbox.ts wait',
  'pending-call.ts watch',
  'refresh-scheduler.ts plan',
]);

/** Shares of a run in flight: a promise that is kept, and dropped at its end. */
const handwrittenFlight = /(\w+) \?\?= [^;]{0,300}?\.finally\(\(\) => \{\s*\1 = undefined/;

/** A file that gathers values, and empties what it gathered at a later turn or time, has a batcher of its own. */
function batches(text: string): boolean {
  const laterTurn = /\bsetImmediate\(|\bqueueMicrotask\(|\bnextTick\(|\.after\(/;
  const emptied = /\.splice\(0\b|^\s*(?:this\.)?#?\w+ = (?:\[\]|new (?:Map|Set)\(\));/m;
  return laterTurn.test(text) && emptied.test(text);
}

/** From an opening bracket to its closing one. */
function bracketed(text: string, from: number): string {
  const pairs: Readonly<Record<string, number>> = { '(': 1, '{': 1, '[': 1, ')': -1, '}': -1, ']': -1 };
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    depth += pairs[text[at]!] ?? 0;
    if (depth === 0) return text.slice(from, at + 1);
  }
  return text.slice(from);
}

interface NamedFunction {
  readonly name: string;
  readonly from: number;
  readonly body: string;
}

function functionsOf(text: string): NamedFunction[] {
  const heads = text.matchAll(/(?:function\*? (\w+)(?:<[^(]*>)?\(|const (\w+) = (?:async )?\()/g);
  return [...heads].map((head) => {
    const parameters = bracketed(text, head.index + head[0].length - 1);
    const from = text.indexOf('{', head.index + head[0].length + parameters.length - 1);
    return { name: (head[1] ?? head[2])!, from, body: from < 0 ? '' : bracketed(text, from) };
  });
}

const wordsOf = (text: string): string[] => text.match(/\w+/g) ?? [];

/** Functions that set a timer for themselves, also by way of others of their file. */
function selfScheduling(file: string): string[] {
  const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const functions = functionsOf(text);
  const bodies = new Map(functions.map(({ name, body }) => [name, body]));
  const reaches = (name: string, goal: string, seen = new Set<string>()): boolean => {
    if (name === goal) return true;
    if (seen.has(name) || !bodies.has(name)) return false;
    seen.add(name);
    return wordsOf(bodies.get(name)!).some((word) => reaches(word, goal, seen));
  };
  return [...text.matchAll(/\.after\(/g)].flatMap(({ index }) => {
    const around = functions.filter(({ from, body }) => from < index && index < from + body.length).at(-1);
    const task = bracketed(text, index + '.after'.length);
    const again = around !== undefined && wordsOf(task).some((word) => reaches(word, around.name));
    return again ? [`${basename(file)} ${around.name}`] : [];
  });
}

describe('architecture', () => {
  it('assigns every source file to a layer', () => {
    expect(sources.filter((file) => roomOf(file) === undefined)).to.deep.equal([]);
  });

  it('imports only what the table allows', () => {
    const broken = sources.flatMap(importsOf).filter((found) => !isAllowed(found));
    expect(broken.map(tell)).to.deep.equal([]);
  });

  it('imports no SQL in endpoints', () => {
    const endpoints = sources.filter((file) => /^service\/src\/(http|socket)/.test(file));
    const stores = endpoints.flatMap(importsOf).filter((found) => /-store\.ts$|\/db\//.test(found.to));
    expect(stores.map(tell)).to.deep.equal([]);
  });

  it('imports internal files of a package only in its own tests', () => {
    const outside = tracked.filter((file) => /^(test|test-kit|examples)\//.test(file));
    const peeks = outside.flatMap(importsOf).filter((found) => /^[a-z-]+\/src\//.test(found.to));
    expect(peeks.filter((found) => !isModelOfRotation(found) && !isDrillOfDoctor(found)).map(tell)).to.deep.equal([]);
  });

  it('exports only base, jwt and trace by the entry `internal` of core', () => {
    const others = importsOf('core/src/internal.ts').filter(({ to }) => !/^core\/src\/(base|jwt|trace)\//.test(to));
    expect(others.map(tell)).to.deep.equal([]);
  });

  it('has no circular imports', () => {
    expect(circles(sources)).to.deep.equal([]);
  });

  it('has no generic file names', () => {
    const drawers = /(^|[/-])(utils?|helpers?|common|misc|managers?|handler2|new|legacy)(\/|\.tsx?$|-)/;
    expect(tracked.filter((file) => drawers.test(file))).to.deep.equal([]);
  });

  it('names files in kebab-case', () => {
    const odd = tracked.filter((file) => !/^[a-z0-9.-]+$/.test(file.split('/').at(-1)!));
    expect(odd).to.deep.equal([]);
  });

  it('reads time and environment only in their modules', () => {
    const rooms = /base\/clock\.ts$|core\/src\/base\/environment\.ts$|platform\/timers\.ts$|config\/env\.ts$/;
    const reads = /\bDate\.now\(|\bnew Date\(\)|\bset(Timeout|Interval)\(|\bperformance\.now\(|\bprocess\.env\b/;
    const loose = sources.filter((file) => !rooms.test(file) && reads.test(readFileSync(file, 'utf8')));
    expect(loose).to.deep.equal([]);
  });

  it('writes names of backend events in the contract only', () => {
    const literal = new RegExp(`\\.(on|emit)\\(\\s*'(${Object.values(backendPushes).join('|')})'`);
    const sides = sources.filter((file) => /^(sdk-server\/src\/client|service\/src\/socket\/backend)\//.test(file));
    expect(sides.filter((file) => literal.test(readFileSync(file, 'utf8')))).to.deep.equal([]);
  });

  it('writes each regular expression once', () => {
    // A migration is never edited.
    const files = sources.filter((file) => !file.startsWith('migrations/'));
    const found = files.flatMap((file) => patternsOf(file).map((pattern) => ({ file, pattern })));
    const twice = found.filter(({ file, pattern }) =>
      found.some((one) => one.pattern === pattern && one.file !== file),
    );
    expect(twice).to.deep.equal([]);
  });

  it('writes listeners, polling, batches and shares of runs in base only', () => {
    const others = sources.filter((file) => !/^(core|service)\/src\/base\/|^sdk-browser\/src\/platform\//.test(file));
    const listeners = others.filter((file) => /new Set<(\(|\w*Listener>)/.test(readFileSync(file, 'utf8')));
    expect(listeners).to.deep.equal([]);
    expect(others.filter((file) => handwrittenFlight.test(readFileSync(file, 'utf8')))).to.deep.equal([]);
    expect(others.filter((file) => batches(readFileSync(file, 'utf8')))).to.deep.equal([]);
    const found = others.flatMap(selfScheduling).filter((one) => !selfSchedulingAllowed.has(one));
    expect(found).to.deep.equal([]);
  });

  it('keeps files within 250 lines, but for the words of a language', () => {
    const code = sources.filter((file) => !file.startsWith('service/pages/src/words/languages/'));
    const long = code.filter((file) => readFileSync(file, 'utf8').split('\n').length > 251);
    expect(long).to.deep.equal([]);
  });
});

/** The explorer in test/model runs the real verdict table; it is pure and has no other public entry. */
function isModelOfRotation(found: Import): boolean {
  return found.from.startsWith('test/model/') && found.to === 'service/src/domain/token/rotation.ts';
}

/** The drill plants each trouble. A process for each of its runs would take a second of the processor. */
function isDrillOfDoctor(found: Import): boolean {
  return found.from === 'test/doctor.drill.ts' && found.to === 'service/src/cli/doctor/run-doctor.ts';
}
