import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Authenticated } from '@latchkey/contract';
import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import type { ApiRouter } from '@latchkey/sdk-server/api';
import type { TransactionCoreClass } from '@latchkey/sdk-server/transaction';
import { createConfig, createService, type HookFunctions, infraServe } from '@latchkey/service';
import jwt from 'jsonwebtoken';
import Koa from 'koa';
import type { Server } from 'socket.io';
import { createPlainClient, newKey, type PlainClient } from '../../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../../test-kit/client/plain-socket.ts';
import { seedEmbeddedData } from '../../test-kit/database/embedded-data.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { listen } from '../../test-kit/listen.ts';
import { developersCredential } from '../link/app-process.ts';

export const password = 'violet anchor rain';
export const appUrl = 'https://app.example.test/signed-in';
const secret = 'the secret of the host of 32 bytes or more';

interface Entered {
  readonly socket: PlainSocket;
  readonly payload: Authenticated;
  readonly userId: string;
}

/** An application as zerv-core's README describes it, and what its hooks were called with. */
export interface Stage {
  readonly latchkey: Latchkey;
  readonly router: ApiRouter<Record<never, never>, TransactionCoreClass>;
  readonly io: Server;
  readonly client: PlainClient;
  readonly hooked: { readonly attempts: object[]; readonly registrations: object[]; readonly logins: object[] };
  /** Registers a user and signs a socket in. */
  enter(): Promise<Entered>;
  /** Signs in again, in a session of its own. */
  enterAgain(email: string): Promise<Entered>;
  newEmail(): string;
  end(): Promise<void>;
}

type Host = Omit<Stage, 'client' | 'hooked' | 'enter' | 'enterAgain' | 'newEmail'> & {
  readonly url: string;
  readonly socketUrl: string;
};

/** The hooks of an application that keeps its users itself, under the names of zerv-core. */
function hooksOf(hooked: Stage['hooked']): HookFunctions {
  const users = new Map<string, string>();
  return {
    claim: ({ email }) => ({ display: `user ${email}` }),
    register({ email, password: chosen, ...more }) {
      hooked.registrations.push(more);
      users.set(email, chosen);
      return { externalId: email, email };
    },
    findUserByCredentials({ email, password: shown, ...more }) {
      hooked.attempts.push(more);
      return users.get(email) === shown ? { externalId: email, email } : null;
    },
    getTenantId: ({ tenant = 'default' }) => tenant,
    authorization: (payload) => jwt.sign(payload, secret, { expiresIn: 7 }),
    refresh: (payload, sign) => sign({ ...payload, plan: 'gold' }),
    onLogin: (fact) => void hooked.logins.push(fact),
  };
}

const settings = { argon2MemoryInKib: 7_168, argon2Passes: 1, logLevel: 'silent', requirePkce: false } as const;

function close(server: HttpServer): void {
  server.closeAllConnections();
  server.close();
}

/** Everything in one process: `infraServe`. */
export async function hostOfOneProcess(dataDir: string, hooks: HookFunctions): Promise<Host> {
  const app = new Koa();
  const server = createServer();
  const options = {
    ...hooks,
    ...settings,
    dataDir,
    secret,
    appUrl,
    codeExpiresInSecs: 20,
    disposalInterval: 5,
    api: 'myApi',
  };
  const router = infraServe(server, app, { ...options, maxInactiveTimeInMinsForInactiveSession: 1, rotateInSecs: 300 });
  app.use(router.latchkey.koa());
  app.use((ctx) => {
    ctx.body = { user: ctx.state.auth?.sub };
  });
  server.on('request', app.callback());
  const url = await listen(server);
  await router.ready();
  const { latchkey, io } = router;
  async function end(): Promise<void> {
    await router.shutdown(1, { exit: false });
    close(server);
  }
  return { latchkey, router, io, url, socketUrl: url, end };
}

/** The service and the application, which a link joins: `createLatchkey`. */
export async function hostOverLink(dataDir: string, hooks: HookFunctions): Promise<Host> {
  const port = await freePort();
  const env = {
    ...{ PORT: String(port), LATCHKEY_DATA_DIR: dataDir, LATCHKEY_SECRET: secret, LOG_LEVEL: 'silent' },
    ...{ LATCHKEY_ARGON2_MEMORY_IN_KIB: '7168', LATCHKEY_ARGON2_PASSES: '1', LATCHKEY_REQUIRE_PKCE: 'false' },
    ...{ LATCHKEY_APP_URLS: appUrl, LATCHKEY_CODE_EXPIRES_IN_SECS: '20', LATCHKEY_ROTATE_IN_SECS: '300' },
  };
  const defaultUrl = (code: string) => `${appUrl}#code=${code}`;
  const service = createService({ config: createConfig(env), hooks: { ...hooks, appUrl: defaultUrl } });
  await service.start();
  const { backend_id: backendId, backend_secret: backendSecret } = developersCredential({ dataFolder: dataDir });
  const url = `http://localhost:${port}`;
  const latchkey = createLatchkey({ url, backendId, backendSecret, maxInactiveTimeInMinsForInactiveSession: 1 });
  await latchkey.ready();
  const app = new Koa();
  app.use(latchkey.koa());
  app.use((ctx) => {
    ctx.body = { user: ctx.state.auth?.sub };
  });
  const server = createServer(app.callback());
  const io = latchkey.socketServe(server, { appUrl });
  const router = latchkey.apiRouter(io, 'myApi');
  const socketUrl = await listen(server);
  async function end(): Promise<void> {
    await latchkey.shutdown(1);
    latchkey.close();
    close(server);
    await service.stop();
  }
  return { latchkey, router, io, url, socketUrl, end };
}

/** Starts an application in the way that `open` says. */
export async function createStage(open: typeof hostOverLink): Promise<Stage> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-original-'));
  await seedEmbeddedData(dataDir);
  const hooked: Stage['hooked'] = { attempts: [], registrations: [], logins: [] };
  const host = await open(dataDir, hooksOf(hooked));
  const client = createPlainClient(host);
  let users = 0;

  async function redeem(login: object): Promise<Entered> {
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { socket, payload: outcome.payload, userId: outcome.payload.user.id };
  }
  const newEmail = () => {
    users += 1;
    return `user${users}@example.test`;
  };
  return Object.freeze<Stage>({
    ...host,
    client,
    hooked,
    newEmail,
    enter: async () => redeem(await client.register(newEmail(), password)),
    enterAgain: async (email) => redeem(await client.login(email, password)),
    async end() {
      client.close();
      await host.end();
      rmSync(dataDir, { recursive: true, force: true });
    },
  });
}
