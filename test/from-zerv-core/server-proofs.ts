import { createServer } from 'node:http';
import * as sdkServer from '@latchkey/sdk-server';
import { createLatchkey } from '@latchkey/sdk-server';
import { apiServe, createConfig, infraServe } from '@latchkey/service';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import Koa from 'koa';
import { waitFor } from '../../test-kit/wait-for.ts';
import { appUrl, password, type Stage } from './stage.ts';

type Proof = (stage: Stage) => Promise<unknown> | unknown;
export type Proofs = Readonly<Record<string, Proof>>;

const asked = (stage: Stage, path: string, more: object = {}) =>
  stage.client.request<{ code: string; url: string; expires_in: number }>('POST', path, {
    ...{ email: stage.newEmail(), password, ...more },
  });

/** The former name of an option is refused, and the refusal suggests a name that exists. */
const renamed: (name: string) => Proof = (name) => () => {
  const options = { [name]: 5 };
  expect(() => infraServe(createServer(), new Koa(), options)).to.throw(TypeError, name);
  const backend = { url: 'https://id.example.test', backendId: 'b', backendSecret: 's', ...options };
  expect(() => createLatchkey(backend)).to.throw(TypeError, name);
};

const absent: (name: string) => Proof =
  (name) =>
  ({ latchkey }) => {
    expect(sdkServer).not.to.have.property(name);
    expect(latchkey).not.to.have.property(name);
  };

export const serverProofs: Proofs = {
  'infraServe(server, app, options)': ({ router, latchkey }) => {
    expect([typeof router.on, typeof latchkey.verify]).to.deep.equal(['function', 'function']);
    expect(() => infraServe(createServer(), {} as Koa)).to.throw(TypeError, 'infraServe takes');
  },
  'infrastructure(server, app, options)': async ({ io, enter }) => {
    const { socket } = await enter();
    expect(io.sockets.sockets.has(socket.raw.id!)).to.equal(true);
  },
  'apiServe(app, options)': async (stage) => {
    expect(() => apiServe({} as Koa)).to.throw(TypeError, 'apiServe takes');
    expect((await asked(stage, '/register')).body.code).to.be.a('string');
  },
  'socketServe(server, options)': async ({ latchkey, enter }) => {
    expect(() => latchkey.socketServe(createServer(), { appUrl })).to.throw(TypeError, 'was called before');
    expect((await enter()).socket.raw.connected).to.equal(true);
  },
  "apiRouter(io, 'myApi')": async ({ latchkey, io, enter }) => {
    latchkey.apiRouter(io, 'another').on('list', () => [1]);
    const { socket } = await enter();
    expect(await socket.call('another', 'list')).to.deep.equal({ ok: true, data: [1] });
  },
  'apiRouter.on(call, handler)': async ({ router, enter }) => {
    router.on('on', function (params, call) {
      return [this === call, params];
    });
    const { socket } = await enter();
    expect(await socket.call('myApi', 'on', 7)).to.deep.equal({ ok: true, data: [true, 7] });
  },
  'httpAuthorize(options, req)': async ({ latchkey, enter }) => {
    const { payload, userId } = await enter();
    expect((await latchkey.verify(payload.access_token)).sub).to.equal(userId);
    for (const guard of ['koa', 'express', 'fastify', 'node'] as const) expect(latchkey[guard]()).to.be.a('function');
  },
};

export const optionProofs: Proofs = {
  claim: async ({ enter }) => expect((await enter()).payload.user.display).to.match(/^user user\d+@/),
  secret: () =>
    expect(() => infraServe(createServer(), new Koa(), { secret: 'short' })).to.throw(TypeError, '32 bytes'),
  findUserByCredentials: async (stage) => {
    const email = stage.newEmail();
    await asked(stage, '/register', { email });
    expect((await asked(stage, '/login', { email, otp: '123456' })).status).to.equal(200);
    expect(stage.hooked.attempts.at(-1)).to.deep.equal({ tenantId: 'default', otp: '123456' });
    expect((await asked(stage, '/login', { email, password: 'wrong' })).status).to.equal(401);
  },
  register: async (stage) => {
    await asked(stage, '/register', { profile: { name: 'Ann' } });
    expect(stage.hooked.registrations.at(-1)).to.deep.equal({ tenantId: 'default', profile: { name: 'Ann' } });
  },
  getTenantId: async (stage) => {
    expect((await stage.enter()).payload.user.tenant_id).to.equal('default');
    expect((await asked(stage, '/register', { tenant: 'nowhere' })).status).to.equal(404);
  },
  appUrl: async (stage) => {
    const { body } = await asked(stage, '/register');
    expect(body.url.startsWith(`${appUrl}#code=${body.code}`), body.url).to.equal(true);
    const redirected = await asked(stage, '/register', { app: appUrl });
    expect(redirected.body.url).to.match(/^https:\/\/app\.example\.test\/signed-in#code=/);
  },
  restUrl: renamed('restUrl'),
  authorization: async (stage) => expect((await asked(stage, '/register')).body.expires_in).to.be.within(5, 7),
  refresh: async ({ enter }) => {
    const { payload } = await enter();
    expect(jwt.decode(payload.access_token)).to.include({ plan: 'gold' });
  },
  onLogin: async ({ enter, hooked }) => {
    const { payload } = await enter();
    const mine = () => hooked.logins.some((fact) => (fact as { sessionId: string }).sessionId === payload.session.id);
    await waitFor(mine);
  },
  codeExpiresInSecs: () => {
    expect(createConfig({ LATCHKEY_CODE_EXPIRES_IN_SECS: '5' }).codeExpiresInSecs).to.equal(5);
    expect(() => infraServe(createServer(), new Koa(), { codeExpiresInSecs: 61 })).to.throw(TypeError);
  },
  tokenRefreshIntervalInMins: async (stage) => {
    renamed('tokenRefreshIntervalInMins')(stage);
    expect((await stage.enter()).payload.rotate_in).to.equal(300);
  },
  disposalInterval: () =>
    expect(() => infraServe(createServer(), new Koa(), { disposalInterval: 0 })).to.throw(
      TypeError,
      'disposalInterval',
    ),
  inactiveLocalUserSessionTimeoutInMins: renamed('inactiveLocalUserSessionTimeoutInMins'),
  timeout: async (stage) => {
    renamed('timeout')(stage);
    const socket = await stage.client.connect();
    expect(await socket.outcome(7_000)).to.have.nested.property('payload.code', 'auth_timeout');
  },
  maxHttpBufferSize: (stage) => {
    renamed('maxHttpBufferSize')(stage);
    const { opts } = stage.io.engine as unknown as { opts: { maxHttpBufferSize: number } };
    expect(opts.maxHttpBufferSize).to.equal(65_536);
  },
  api: ({ latchkey, io }) => expect(() => latchkey.apiRouter(io, 'myApi')).to.throw(TypeError, 'already'),
  ZERV_MAX_ACTIVE_SESSION_TIMEOUT_IN_MINS: () =>
    expect(createConfig({ ZERV_MAX_ACTIVE_SESSION_TIMEOUT_IN_MINS: '90' }).tokenExpiresInMins).to.equal(90),
  ZERV_MAX_INACTIVE_SESSION_TIMEOUT_IN_MINS: () =>
    expect(createConfig({ ZERV_MAX_INACTIVE_SESSION_TIMEOUT_IN_MINS: '60' }).idleTimeoutInMins).to.equal(60),
  REDIS_ENABLED: () => expect(createConfig({ REDIS_ENABLED: 'true' }).embedded).to.equal(true),
};

export const absentProofs: Proofs = Object.fromEntries(
  [
    'getRedisClient()',
    'isClusterEnabled()',
    'cacheData(key, value, options)',
    'removeCachedData(key, options)',
    'getCachedData(key, options)',
    'getCachedBooleanValue(key, options)',
    'getCachedObject(key, options)',
    'getCachedObjects(keys, options)',
    'getCachedKeys(searchText, options)',
    'getCachedObjectsWithKeyNameBeginning(searchText, options)',
    'addModule(name, module)',
    'transport',
  ].map((row) => [row, absent(row.replace(/\(.*/, ''))]),
);
