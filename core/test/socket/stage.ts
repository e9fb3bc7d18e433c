import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { Server, Socket as ServerSocket } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { createFakeClock, type FakeClock } from '../../../test-kit/fake-clock.ts';
import { listen, portOf } from '../../../test-kit/listen.ts';
import {
  type Authority,
  type BrowserProtocol,
  type BrowserProtocolOptions,
  createSocketServer,
  mountBrowserProtocol,
  type SocketServerOptionsInput,
} from '../../src/index.ts';
import { createSuspensionDetector, type SuspensionDetector } from '../../src/internal.ts';
import { createScriptedAuthority, type ScriptedAuthority } from './scripted-authority.ts';

/** One event a client saw. */
interface Seen {
  readonly event: string;
  readonly payload: unknown;
}

export interface Client {
  readonly socket: Socket;
  /** Everything it saw, `disconnect` with its reason and `connect` among it. */
  readonly seen: Seen[];
  emit(event: string, ...args: unknown[]): void;
  /** The next event of that name which `take` has not returned yet. */
  take(event: string): Promise<unknown>;
  ask(event: string, ...args: unknown[]): Promise<unknown>;
  has(event: string): boolean;
}

export interface Stage {
  readonly clock: FakeClock;
  readonly authority: ScriptedAuthority;
  readonly protocol: BrowserProtocol;
  /** Notices suspensions once a test has started it. */
  readonly suspension: SuspensionDetector;
  readonly io: Server;
  readonly port: number;
  readonly logged: unknown[];
  client(options?: {
    auth?: Record<string, unknown>;
    headers?: Record<string, string>;
    namespace?: string;
  }): Promise<Client>;
  /** A client that is authenticated for the session. */
  member(sid: string): Promise<Client>;
  /** The server's side of a client. */
  sideOf(client: Client): ServerSocket;
  /** Moves the fake time, then lets the network catch up. */
  pass(ms: number): Promise<void>;
  settle(ms?: number): Promise<void>;
  end(): Promise<void>;
}

function watch(socket: Socket): Client {
  const seen: Seen[] = [];
  const taken = new Map<string, number>();
  socket.on('sync', (ack: () => void) => ack());
  socket.onAny((event: string, payload: unknown) => {
    if (event !== 'sync') seen.push({ event, payload });
  });
  socket.on('connect', () => seen.push({ event: 'connect', payload: undefined }));
  socket.on('disconnect', (reason) => seen.push({ event: 'disconnect', payload: reason }));
  socket.on('connect_error', (error) => seen.push({ event: 'connect_error', payload: error.message }));
  return {
    socket,
    seen,
    emit: (event, ...args) => void socket.emit(event, ...args),
    async take(event) {
      const index = taken.get(event) ?? 0;
      taken.set(event, index + 1);
      for (let tries = 0; tries < 400; tries += 1) {
        const found = seen.filter((one) => one.event === event)[index];
        if (found) return found.payload;
        await wait(5);
      }
      throw new Error(`no ${event}; seen: ${JSON.stringify(seen)}`);
    },
    ask: (event, ...args) => socket.timeout(2_000).emitWithAck(event, ...args),
    has: (event) => seen.some((one) => one.event === event),
  };
}

/** What stands between the protocol and the scripted authority. */
interface Between {
  readonly follow?: (authority: Authority) => Authority;
}

export async function createStage(
  options: Partial<BrowserProtocolOptions> = {},
  { follow = (authority) => authority }: Between = {},
  engine: Partial<SocketServerOptionsInput> = {},
): Promise<Stage> {
  const clock = createFakeClock();
  const authority = createScriptedAuthority();
  const logged: unknown[] = [];
  const note = (fields: unknown, message: string) => logged.push({ fields, message });
  const server = createServer();
  const io = createSocketServer(server, { isOriginAllowed: (origin) => origin === 'https://app.test', ...engine });
  const suspension = createSuspensionDetector(clock);
  const protocol = mountBrowserProtocol(io, {
    suspension,
    authority: follow(authority),
    clock,
    log: { warn: note, error: note },
    ...options,
  });
  await listen(server);
  const port = portOf(server);
  const clients: Client[] = [];

  const stage: Stage = {
    clock,
    authority,
    protocol,
    suspension,
    io,
    port,
    logged,
    async client({ auth, headers, namespace = '/' } = {}) {
      const socket = connect(`http://127.0.0.1:${port}${namespace}`, {
        transports: ['websocket'],
        forceNew: true,
        reconnection: false,
        ...(auth ? { auth } : {}),
        ...(headers ? { extraHeaders: headers } : {}),
      });
      const client = watch(socket);
      clients.push(client);
      await Promise.race([client.take('connect'), client.take('connect_error')]);
      return client;
    },
    async member(sid) {
      const client = await stage.client();
      client.emit('authenticate', { token: `sid:${sid}` });
      await client.take('authenticated');
      return client;
    },
    sideOf: (client) => io.sockets.sockets.get(client.socket.id!)!,
    async pass(ms) {
      clock.advance(ms);
      await stage.settle();
    },
    async settle(ms = 25) {
      await wait(ms);
      // A round trip behind everything that was sent before it, however slow the machine.
      const sockets = [...io.sockets.sockets.values()];
      await Promise.all(
        sockets.map((socket) =>
          socket
            .timeout(300)
            .emitWithAck('sync')
            .catch(() => {}),
        ),
      );
    },
    async end() {
      for (const { socket } of clients) socket.close();
      protocol.close();
      await io.close();
    },
  };
  return stage;
}
