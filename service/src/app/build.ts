import { createServer } from 'node:http';
import { type Clock, createSystemClock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { type Database, openDatabase } from '../db/database.ts';
import { migrate, pendingMigrations } from '../db/migrate.ts';
import type { Db } from '../db/schema.ts';
import type { Backends } from '../domain/backend/backends.ts';
import { createPresence } from '../domain/presence/presence.ts';
import { createBackendFlows } from '../flow/backend/backend-flows.ts';
import { createFlows } from '../flow/create-flows.ts';
import type { HookFunctions } from '../hook/hook.ts';
import { createHooks } from '../hook/hooks.ts';
import { createHttp } from '../http/server.ts';
import { serverOptions, tuneServer } from '../http/tune-server.ts';
import { createLog, type Log } from '../ops/log.ts';
import { createPages } from '../pages.ts';
import { createLocalAuthority } from '../socket/authority.ts';
import { createSocketDoor } from '../socket/server.ts';
import { controlPath } from './backend-command.ts';
import { runBackendWords } from './backend-words.ts';
import { createControlSocket } from './control-socket.ts';
import { makeDevelopmentBackend } from './embedded-backend.ts';
import { loadSecrets } from './embedded-secret.ts';
import { createHealth } from './health.ts';
import { createHttpListener } from './http-listener.ts';
import { createJobs } from './jobs.ts';
import { periodicWork } from './periodic-work.ts';
import { buildRooms } from './rooms.ts';
import { createStack, type Part, type Stack } from './stack.ts';

export interface ServiceOptions {
  readonly config: Config;
  readonly hooks?: HookFunctions;
  readonly log?: Log;
  readonly clock?: Clock;
}

/** The running service. `stop` drains: readiness off, calls end, sockets are told and closed, then the database. */
export interface Service {
  readonly config: Config;
  start(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * The service inside this process, on a port of its own.
 *
 * @example
 * const service = createService({ config: createConfig({ PORT: '4000' }) });
 * await service.start();
 */
export function createService(options: ServiceOptions): Service {
  const { config, clock = createSystemClock() } = options;
  const log = options.log ?? createLog({ level: config.logLevel, clock });
  let starting: Promise<Stack> | undefined;

  async function begin(): Promise<Stack> {
    const database = await openMigrated(config, clock, log);
    const stack = await closingOnError(database, () =>
      assemble({ config, hooks: options.hooks ?? {}, log, clock, database }),
    );
    await stack.start();
    return stack;
  }

  async function stop(): Promise<void> {
    const stack = await starting?.catch(() => undefined);
    await stack?.stop();
  }

  return Object.freeze({
    config,
    async start() {
      starting ??= begin();
      await starting;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  });
}

async function closingOnError<T>(database: Database, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await database.close().catch(() => {});
    throw error;
  }
}

/** Embedded mode migrates by itself; a shared database is migrated by command, and a start only looks. */
async function openMigrated(config: Config, clock: Clock, log: Log): Promise<Database> {
  const database = await openDatabase(config, { clock, onError: warn(log, 'database connection') });
  return closingOnError(database, async () => {
    if (config.embedded) await migrate(database);
    const pending = await pendingMigrations(database);
    if (pending.length === 0) return database;
    throw new Error(`The database lacks ${pending.join(', ')}. Run "npm run migrate" (in a container: migrate) first.`);
  });
}

function warn(log: Log, what: string): (error: unknown) => void {
  return (error) => log.warn({ err: error }, what);
}

interface Materials {
  readonly config: Config;
  readonly hooks: HookFunctions;
  readonly log: Log;
  readonly clock: Clock;
  readonly database: Database;
}

/** The composition root: every part with its needs, in the order of the start. */
function assemble({ config, hooks: hookFunctions, log, clock, database }: Materials): Stack {
  const onError = warn(log, 'background work');
  const rooms = buildRooms({ config, secretTexts: loadSecrets(config), database, clock, onError });
  const hooks = createHooks(hookFunctions, {
    clock,
    onError: (hook, error) => log.warn({ err: error, hook }, 'hook failed'),
  });
  const needs = { ...rooms, db: database.db, clock, config, hooks, onError };
  const flows = createFlows(needs);
  const health = createHealth({ db: database.db, feed: rooms.feed });
  const jwks = () => rooms.keys.jwks();
  const koa = createHttp({ config, flows, log, health, jwks, clock, pages: createPages() });
  const http = createServer(serverOptions, koa.callback());
  tuneServer(http);
  const authority = createLocalAuthority({ flows, ...rooms });
  const backends = {
    flows: createBackendFlows(needs),
    feed: rooms.feed,
    kids: () =>
      jwks()
        .keys.map(({ kid }) => kid)
        .join(' '),
    presenceOf: (server: { serverId: string; backendId: string }) =>
      createPresence({ db: database.db, clock, onError }, server),
  };
  const sockets = createSocketDoor({ http, authority, clock, log, config, backends });
  const deadlineMs = config.shutdownDeadlineInSecs * 1_000;

  return createStack([
    { name: 'database', stop: () => database.close() },
    { name: 'secrets', start: () => rooms.secrets.register(database.db) },
    { name: 'keys', start: () => rooms.keys.start(), stop: () => rooms.keys.stop() },
    { name: 'blacklist', start: () => rooms.feed.start(), stop: () => rooms.feed.stop() },
    {
      name: 'backend for development',
      start: () => makeDevelopmentBackend(config, { backends: rooms.backends, db: database.db }),
    },
    ...(config.embedded ? [controlSocket(config, rooms.backends, database.db, onError)] : []),
    { name: 'presence', start: () => rooms.presence.start(), stop: () => rooms.presence.stop() },
    createJobs({
      jobs: periodicWork(rooms, database.db, config),
      clock,
      onError: (job, error) => log.warn({ err: error, job }, 'job failed'),
    }),
    { name: 'batched writes', stop: () => rooms.sessions.flush() },
    createHttpListener(http, config),
    {
      name: 'sockets',
      async stop() {
        const spreadMs = config.drainSpreadInSecs * 1_000;
        const report = await sockets.drain({ spreadMs, deadlineMs: deadlineMs / 2 });
        log.info({ ...report }, 'sockets drained');
        await sockets.close();
      },
    },
    { name: 'readiness', start: () => health.setReady(true), stop: () => health.setReady(false) },
  ]);
}

function controlSocket(config: Config, backends: Backends, db: Db, onError: (error: unknown) => void): Part {
  const run = (words: readonly string[]) => runBackendWords(words, { backends, db });
  return createControlSocket({ path: controlPath(config), run, onError });
}
