import { createServer } from 'node:http';
import { createProofs, createSocketServer, mountBrowserProtocol, socketServerOptions } from '@latchkey/core';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { createApiRouter, pgIdempotencyStore } from '../src/api/index.ts';
import { createLatchkey, createSystemClock, type Latchkey, stopOnSignals } from '../src/index.ts';
import { composeLatchkey, createLocalUserSessions, createShutdown } from '../src/internal.ts';
import {
  createChanges,
  createTransactions,
  handlePoolErrors,
  kyselyTransactionClass,
  pgTransactionClass,
  TransactionCoreClass,
} from '../src/transaction/index.ts';

const backend = { url: 'http://127.0.0.1:9', backendId: 'b', backendSecret: 's', log: { warn() {}, error() {} } };
const clock = createSystemClock();
const io = new Server(createServer());
const router = (options: object) =>
  createApiRouter(io, 'api', { clock, authority: {}, sessions: {}, ...options } as never);
const on = (options: object) => {
  const api = router({});
  try {
    api.on('list', options as never, () => null);
  } finally {
    api.close();
  }
};

/** What takes options, by the name that its errors have. */
const functions: Readonly<Record<string, (options: never) => unknown>> = {
  createLatchkey: (options: object) => createLatchkey({ ...backend, ...options }),
  composeLatchkey: (options: object) => composeLatchkey(options as never),
  socketServe: (options: object) => latchkey().socketServe(createServer(), { origins: [], ...options }),
  mountBrowserProtocol: (options: object) => mountBrowserProtocol(new Server(createServer()), options as never),
  limits: (options: object) => mountBrowserProtocol(new Server(createServer()), { limits: options } as never),
  timings: (options: object) => mountBrowserProtocol(new Server(createServer()), { timings: options } as never),
  settingNames: (options: object) =>
    mountBrowserProtocol(new Server(createServer()), { settingNames: options } as never),
  socketServerOptions: (options: object) => socketServerOptions(options as never),
  apiRouter: router,
  'the call "list" of "api"': on,
  'the idempotency store': (options: object) => pgIdempotencyStore({} as never, options),
  createChanges: (options: object) => createChanges(undefined, options),
  createTransactions: (options: object) => createTransactions(options),
  defineTransaction: (options: object) =>
    createTransactions({ TransactionImplementationClass: TransactionCoreClass as never }).defineTransaction(
      'NEW',
      options,
    ),
  createShutdown: (options: object) => createShutdown({ clock, ...options }),
  stopOnSignals: (options: object) => stopOnSignals(options as never),
  createLocalUserSessions: (options: object) => createLocalUserSessions({ clock, serverId: 'x', ...options }),
  drain: (options: object) => drain({ spreadMs: 0, deadlineMs: 0, ...options }),
  createProofs: (options: object) => createProofs({ clock, ...options }),
};

/** Of a protocol that is mounted for this call. */
function drain(options: { spreadMs: number; deadlineMs: number }): unknown {
  const authority = { onEnded: () => () => {}, onTenantChanged: () => () => {} } as never;
  const protocol = mountBrowserProtocol(new Server(createServer()), { clock, authority });
  try {
    return protocol.drain(options);
  } finally {
    protocol.close();
  }
}

let made: Latchkey | undefined;
function latchkey(): Latchkey {
  made ??= createLatchkey(backend);
  return made;
}

describe('options', () => {
  after(() => made?.close());

  for (const [name, make] of Object.entries(functions))
    it(`of ${name} that do not exist are rejected by name`, () => {
      expect(() => make({ notAnOption: 1 } as never)).to.throw(TypeError, `${name}: notAnOption is not an option.`);
    });

  it('that are misspelled are answered with the closest match', () => {
    expect(() => createLatchkey({ ...backend, Policy: 'deny' } as never)).to.throw(TypeError, 'did you mean policy?');
    expect(() => router({ maxAnswerByte: 1 })).to.throw(TypeError, 'did you mean maxResponseBytes?');
    expect(() => on({ transactionl: true })).to.throw(TypeError, 'did you mean transactional?');
  });

  it('of a verification that are invalid are rejected', async () => {
    const refused = await latchkey()
      .verify('token', { Policy: 'deny' } as never)
      .catch((error: unknown) => error);
    expect(refused).to.be.instanceOf(TypeError).with.property('message').that.contains('did you mean policy?');
  });

  const senseless: readonly (readonly [name: string, options: object, sentence: string])[] = [
    ['createLatchkey', { maxStalenessMs: 0 }, 'maxStalenessMs has to be a positive number'],
    ['createLatchkey', { maxStalenessMs: '5000' }, 'maxStalenessMs has to be a positive number'],
    ['createLatchkey', { cacheSize: 1.5 }, 'cacheSize has to be a positive integer'],
    ['createLatchkey', { spreadInSecs: Number.POSITIVE_INFINITY }, 'spreadInSecs has to be a number of seconds'],
    ['createLatchkey', { spreadInSecs: '10' }, 'spreadInSecs has to be a number of seconds'],
    ['createLatchkey', { backendSecret: ' \n' }, 'backendSecret is missing'],
    ['createLatchkey', { url: undefined }, 'url has to be an origin'],
    ['createLatchkey', { maxInactiveTimeInMinsForInactiveSession: -1 }, 'has to be a positive number'],
    ['socketServe', { longPolling: 'false' }, 'longPolling has to be a boolean'],
    ['socketServe', { origins: 'https://app.example' }, 'origins has to be a list'],
    ['socketServe', { origins: ['app.example'] }, 'origins[0] has to be an origin'],
    ['socketServe', { origins: async () => true }, 'origins must not be an async function'],
    ['socketServe', { addressOf: 'x-forwarded-for' }, 'addressOf has to be a function'],
    ['limits', { messageBurst: '60' }, 'messageBurst has to be a positive number'],
    ['limits', { backlogBytes: Number.NaN }, 'backlogBytes has to be a positive number'],
    ['timings', { warningsMs: 5 }, 'warningsMs has to be a'],
    ['timings', { warningsMs: [0] }, 'warningsMs has to be a list of positive numbers'],
    ['apiRouter', { maxConcurrentCalls: -1 }, 'maxConcurrentCalls has to be a positive number'],
    ['apiRouter', { maxResponseBytes: '1e6' }, 'maxResponseBytes has to be a positive number'],
    ['the call "list" of "api"', { transactional: 'no' }, 'transactional has to be a boolean'],
    ['the call "list" of "api"', { input: { page: 'number' } }, 'input has to be a Standard Schema'],
    ['the idempotency store', { keepMs: '1h' }, 'keepMs has to be a positive integer'],
    ['drain', { spreadMs: Number.NaN }, 'spreadMs has to be milliseconds'],
    ['createLocalUserSessions', { maxInactiveTimeInMinsForInactiveSession: '10' }, 'has to be a positive number'],
    ['stopOnSignals', { delay: -1, host: {}, shutdown: {} }, 'delay has to be a number of seconds'],
    ['stopOnSignals', { signals: ['SIGTRM'] }, 'SIGTRM is no signal'],
    ['createProofs', { maxRemembered: 0 }, 'maxRemembered has to be a positive number'],
  ];
  for (const [name, options, sentence] of senseless)
    it(`of ${name} that are invalid are rejected: ${Object.keys(options)[0]} (${sentence})`, () => {
      expect(() => functions[name]!(options as never)).to.throw(TypeError, sentence);
    });

  it('with the value undefined count as absent', () => {
    const server = createServer();
    const served = createSocketServer(server, { isOriginAllowed: () => true, longPolling: undefined });
    const limits = { messageBurst: undefined } as never;
    const authority = { onEnded: () => () => {}, onTenantChanged: () => () => {} } as never;
    mountBrowserProtocol(served, { clock, authority, limits }).close();
  });

  it('that are no object are rejected', () => {
    expect(() => createLatchkey(undefined as never)).to.throw(TypeError, 'object of options');
    expect(() => createApiRouter(io, undefined as never, { clock, authority: {}, sessions: {} } as never)).to.throw(
      TypeError,
      'needs a name',
    );
    expect(() => pgTransactionClass('postgres://db' as never)).to.throw(TypeError, 'takes a Pool of pg');
    expect(() => kyselyTransactionClass({} as never)).to.throw(TypeError, 'takes a Kysely database');
    expect(() => handlePoolErrors(undefined as never)).to.throw(TypeError, 'takes a Pool of pg');
    expect(() => latchkey().onChanges('THING', undefined as never)).to.throw(TypeError, 'needs a listener');
    expect(() => latchkey().onLocalUserSessionDestroy(undefined as never)).to.throw(TypeError, 'needs a listener');
  });
});
