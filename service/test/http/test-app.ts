import { createServer, type Server } from 'node:http';
import { createSystemClock } from '@latchkey/core/internal';
import { listen, portOf } from '../../../test-kit/listen.ts';
import type { AdminFlows, Flows } from '../../src/flow/flows.ts';
import type { Caller, ExchangeResult } from '../../src/flow/types.ts';
import { configureServer, serverOptions } from '../../src/http/configure-server.ts';
import type { Middleware } from '../../src/http/context.ts';
import type { HttpAppDeps, HttpConfig } from '../../src/http/deps.ts';
import { createHttpApp } from '../../src/http/server.ts';
import { createServiceCauses } from '../../src/ops/causes.ts';
import type { Readiness } from '../../src/ops/health.ts';
import { createLogger } from '../../src/ops/logger.ts';

export const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
export const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
export const key = 'AAAAAAAAAAAAAAAAAAAAAA';
export const sid = '5f1e2b6e-6a54-4a6f-9d6a-2f7c2f3b8a11';
export const origin = 'http://front.test';
export const publicUrl = 'http://id.test';

/** Looks like a credential of this type; what it is worth, a scripted flow does not ask. */
export const jwtOf = (typ: string) =>
  `${Buffer.from(JSON.stringify({ alg: 'HS256', typ, kid: 'k' })).toString('base64url')}.e30.c2ln`;
export const code = jwtOf('code+jwt');
export const token = jwtOf('session+jwt');

/** A call of a scripted flow. */
interface RecordedCall {
  readonly name: Scripted;
  readonly args: readonly unknown[];
}

export interface TestApp {
  readonly url: string;
  readonly calls: RecordedCall[];
  readonly lines: string[];
  readonly server: Server;
  readiness: Readiness;
  /** Replaces what a flow answers until the next `reset`. */
  script(answers: Partial<Record<Scripted, (...args: never[]) => unknown>>): void;
  reset(): void;
  close(): Promise<void>;
}

export const caller: Caller = {
  userId: '0b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55',
  tenantId: 'default',
  sid,
  authTime: 1_700_000_000,
  claims: {} as Caller['claims'],
};

export const grant: ExchangeResult = {
  isBound: false,
  sid,
  userId: caller.userId,
  tenantId: 'default',
  generation: 1,
  token: 'the-next-token',
  accessToken: 'the-access-token',
  accessTokenExpiresInSeconds: 300,
  scope: '',
  refreshInSeconds: 240,
  rotateInSeconds: 900,
  expiresInSeconds: 43_200,
  idleExpiresInSeconds: null,
  idleTimeoutInSeconds: null,
  claims: {},
  serverTimeMs: 0,
};

const me = {
  id: caller.userId,
  tenant_id: 'default',
  email: 'ada@example.test',
  email_verified: true,
  name: null,
  picture: null,
  locale: null,
  profile: { name: 'Ada' },
  user_metadata: {},
  operator: false,
  created_at: '2026-01-01T00:00:00.000Z',
  session_id: sid,
  auth_time: caller.authTime,
  password_hash: 'never leaves',
};

const signInOptions = {
  tenant: { id: 'default', name: 'Default', brand: null },
  registration_open: true,
  email_sign_in: false,
  mail_available: true,
  password_min_length: 8,
};

type Scripted = Exclude<keyof Flows, 'receive' | 'now'>;

const defaultAnswers: Record<Scripted, (...args: never[]) => unknown> = {
  register: () => ({ code: 'the-code', expires_in: 30 }),
  login: () => ({ code: 'the-code', expires_in: 30 }),
  exchange: () => grant,
  refresh: () => grant,
  logout: () => ({ ended: 1 }),
  deleteAccount: () => ({ ended: 1 }),
  updateProfile: () => me,
  exportAccount: () => ({ user: { ...me, external_id: null, app_metadata: {} }, sessions: [], activity: [] }),
  listActivity: () => ({ activity: [], next_cursor: null }),
  revoke: () => undefined,
  introspect: () => ({ active: false }),
  recomputeClaims: () => ({ changed: 0 }),
  authenticate: () => caller,
  getCurrentUser: () => me,
  changePassword: () => ({ ended: 2 }),
  listSessions: () => ({ sessions: [] }),
  endSession: () => ({ ended: 1 }),
  requestPasswordReset: () => ({ expires_in: 1_800 }),
  resetPassword: () => ({ ended: 1 }),
  replacePassword: () => ({ ended: 1 }),
  requestEmailSignIn: () => ({ expires_in: 600 }),
  signInByMail: () => ({ code: 'the-code', expires_in: 30 }),
  requestVerification: () => ({ expires_in: 86_400 }),
  requestVerificationAgain: () => ({ expires_in: 86_400 }),
  requestVerificationByPassword: () => ({ expires_in: 86_400 }),
  verifyEmail: () => ({ code: 'the-code', expires_in: 30 }),
  verifyEmailOfCaller: () => ({ email_verified: true }),
  requestEmailChange: () => ({ expires_in: 3_600 }),
  verifyEmailChange: () => ({ ended: 1 }),
  undoEmailChange: () => ({ ended: 1 }),
  acceptInvitation: () => ({ code: 'the-code', expires_in: 30 }),
  inspectLink: () => ({
    purpose: 'reset_password',
    email_hint: 'a…@example.test',
    tenant: { id: 'default', name: 'Default', brand: null },
    expires_in: 60,
  }),
  getSignInOptions: () => signInOptions,
  answerProbe: () => ({ answer: 'the-answer' }),
  findLogo: () => ({ type: 'image/png', bytes: Buffer.from('image') }),
};

const noAdmin = {} as AdminFlows;
const noPages: Middleware = (_ctx, next) => next();

/** The database's time that the scripted flows report. */
export const now = 1_800_000_000_000;
export const deadlineOf = (askedAt = now) => ({ until: askedAt + 5_000, asked: now });

type TestAppPart = 'pages' | 'admin' | 'mailbox' | 'metrics' | 'onAnswered';

/** Opens the HTTP app on a port of its own, over scripted flows. */
export async function openTestApp(
  config: Partial<HttpConfig> = {},
  { pages = noPages, admin = noAdmin, ...more }: Partial<Pick<HttpAppDeps, TestAppPart>> = {},
): Promise<TestApp> {
  const clock = createSystemClock();
  const calls: RecordedCall[] = [];
  const lines: string[] = [];
  let answers = { ...defaultAnswers };
  const record =
    (name: Scripted) =>
    async (...args: unknown[]) => {
      calls.push({ name, args });
      return answers[name](...(args as never[]));
    };
  const flows = {
    receive: () => deadlineOf,
    now: () => now,
    ...Object.fromEntries(Object.keys(defaultAnswers).map((name) => [name, record(name as Scripted)])),
  } as never as Flows;
  const log = createLogger({ level: 'trace', clock, destination: { write: (line) => void lines.push(line) } });
  const koa = createHttpApp({
    config: {
      production: true,
      apiDocuments: true,
      publicUrl,
      ownOrigins: [publicUrl],
      issuer: publicUrl,
      trustedOrigins: [publicUrl, origin],
      appUrls: [],
      trustProxy: [],
      requirePkce: true,
      ...config,
    },
    flows,
    admin,
    log,
    causes: createServiceCauses({ log, clock }),
    health: { ready: async () => app.readiness },
    jwks: () => ({ keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k1', d: 'private' }] }),
    proofNonce: () => 'the-nonce',
    clock,
    describeSockets: () => ({ asyncapi: '3.0.0' }),
    pages,
    ...more,
  });
  const server = createServer(serverOptions, koa.callback());
  configureServer(server);
  await listen(server);
  const app: TestApp = {
    url: `http://127.0.0.1:${portOf(server)}`,
    calls,
    lines,
    server,
    readiness: { ready: true, isRecovering: false, checks: { database: true } },
    script: (more) => {
      answers = { ...answers, ...more };
    },
    reset() {
      answers = { ...defaultAnswers };
      calls.length = 0;
      lines.length = 0;
      app.readiness = { ready: true, isRecovering: false, checks: { database: true } };
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return app;
}

/** A request with a JSON body, or a ready-made one. */
export async function call(
  app: TestApp,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const raw = typeof body === 'string' || body instanceof Uint8Array;
  const answer = await fetch(app.url + path, {
    method,
    headers: { ...(body === undefined || raw ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, json: parse(text) };
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export const bearer = { authorization: 'Bearer good-token' };
