import { type ClientToServerEvents, connectionKeyNames, type ServerToClientEvents } from '@latchkey/contract';
import { io, type Socket } from 'socket.io-client';
import { randomBase64url } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import { fullJitterMs } from '../refresh/backoff.ts';
import type { SocketFactory } from '../session.ts';

export type LatchkeySocket = Socket<ServerToClientEvents, ClientToServerEvents>;

/** One socket that comes back by itself, with full jitter, until it is stopped. */
export interface SocketConnection {
  readonly socket: LatchkeySocket;
  readonly isConnected: boolean;
  /** The connection's engine id, which the server knows it by, too. */
  readonly connectionId: string | undefined;
  /** Wants a connection from now on, and a fresh one at once. */
  start(): void;
  /** Wants none. */
  stop(): void;
  /** Ends this connection and takes a fresh one, if one is wanted; at once, but with back-off when that does not help. */
  reconnect(): void;
  /** Treats the connection as lost. */
  markLost(): void;
  /** Tries now instead of at the end of a wait. A wait that the server asked for is kept. */
  retryNow(): void;
  /** After the next loss, waits at least so long. */
  delayReconnect(ms: number): void;
  /** The server offers long polling, and WebSocket does not pass: the next attempts begin with it. */
  enablePolling(): void;
  /** The session lives: the next loss starts with the shortest wait again. */
  resetBackoff(): void;
  /**
   * Runs `emit` if the connection can take it, and tells whether it did. Nothing is ever left in socket.io's offline
   * buffer: it would be sent after the next connect, when it is stale.
   */
  send(emit: (socket: LatchkeySocket) => void): boolean;
}

export interface SocketConnectionDeps {
  readonly url: string;
  readonly timers: Timers;
  readonly random: () => number;
  readonly createSocket?: SocketFactory | undefined;
  readonly onConnected: () => void;
  /** There is no connection any more, whoever ended it. */
  readonly onDisconnected: () => void;
  /** The connection is lost, or an attempt to make one failed; another attempt follows. */
  readonly onLost: () => void;
  /** An attempt failed before the connection was open; `error` is the library's, unless it took too long. */
  readonly onConnectFailed?: (error?: Error) => void;
  /** The connection was given up for a fresh one. */
  readonly onReconnect: () => void;
}

const connectTimeoutMs = 10_000;

function openSocket({ url, createSocket = io }: SocketConnectionDeps): LatchkeySocket {
  return createSocket(url, {
    transports: ['websocket'],
    autoConnect: false,
    reconnection: false,
    forceNew: true,
    timeout: connectTimeoutMs,
  });
}

/** 128 bits, new for each connection: it proves that later requests of long polling are this page's own. */
const connectionKeyBytes = 16;

/** Read by the library at the next connect. Cookies are for a load balancer that keeps a client at one node. */
function beginWithPolling({ io }: LatchkeySocket): void {
  const { header, subprotocol, subprotocolPrefix } = connectionKeyNames;
  const key = randomBase64url(connectionKeyBytes);
  Object.assign(io.opts, {
    transports: ['polling', 'websocket'],
    withCredentials: true,
    extraHeaders: { [header]: key },
    protocols: [subprotocol, subprotocolPrefix + key],
  });
}

export function createSocketConnection(deps: SocketConnectionDeps): SocketConnection {
  const { timers, random } = deps;
  const socket = openSocket(deps);
  let isWanted = false;
  let isWaiting = false;
  let isClosing = false;
  let isPolling = false;
  let attempts = 0;
  let notBefore = 0;
  let cancelTimer = (): void => {};

  const waitThen = (ms: number, run: () => void): void => {
    cancelTimer();
    isWaiting = run === open;
    cancelTimer = timers.after(ms, run);
  };
  const open = (): void => {
    // A server may accept the transport and never answer the namespace's CONNECT; the library would wait for ever.
    waitThen(connectTimeoutMs, connectFailed);
    if (isPolling) beginWithPolling(socket);
    socket.connect();
  };
  const openLater = (): void => {
    const asked = notBefore - timers.now();
    waitThen(Math.max(fullJitterMs(attempts, random), asked), open);
    attempts += 1;
  };
  const close = (): void => {
    cancelTimer();
    isWaiting = false;
    isClosing = true;
    socket.disconnect();
    isClosing = false;
    deps.onDisconnected();
  };
  const failed = (): void => {
    close();
    if (!isWanted) return;
    openLater();
    deps.onLost();
  };
  const connectFailed = (error?: Error): void => {
    failed();
    if (isWanted) deps.onConnectFailed?.(error);
  };
  socket.on('connect', () => {
    cancelTimer();
    deps.onConnected();
  });
  socket.on('connect_error', connectFailed);
  // The page has the socket, too: one that it disconnects comes back like any other.
  socket.on('disconnect', () => {
    if (!isClosing) failed();
  });

  const retryNow = (): void => {
    if (isWaiting && timers.now() >= notBefore) open();
  };

  return Object.freeze({
    socket,
    get isConnected() {
      return socket.connected;
    },
    get connectionId() {
      // The types hide that there is no engine before the first connection; so may a test's own socket.
      const manager: { engine?: { id?: string } } | undefined = socket.io;
      return manager?.engine?.id;
    },
    start() {
      isWanted = true;
      attempts = 0;
      close();
      open();
    },
    stop() {
      isWanted = false;
      close();
    },
    markLost: failed,
    reconnect() {
      if (!isWanted) return;
      close();
      if (attempts > 0) openLater();
      else {
        attempts = 1;
        // Not in this task: the library may have decoded another packet of the old connection, and would hand it over.
        waitThen(0, open);
      }
      deps.onReconnect();
    },
    retryNow,
    enablePolling() {
      isPolling = true;
      retryNow();
    },
    delayReconnect(ms: number) {
      // What is no number would make every wait none.
      if (Number.isFinite(ms)) notBefore = Math.max(notBefore, timers.now() + ms);
    },
    resetBackoff() {
      attempts = 0;
    },
    send(emit: (socket: LatchkeySocket) => void) {
      if (!socket.connected) return false;
      const before = socket.sendBuffer.length;
      emit(socket);
      if (socket.sendBuffer.splice(before).length === 0) return true;
      // The machine slept past the server's pings: the library knows that the connection is dead before it says so.
      failed();
      return false;
    },
  });
}
