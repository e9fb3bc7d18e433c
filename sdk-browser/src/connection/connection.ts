import { type ClientToServerEvents, connectionKeyNames, type ServerToClientEvents } from '@latchkey/contract';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { randomBase64url } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import { fullJitterMs } from '../refresh/backoff.ts';

/** Creates the socket of a session. Default: `io` of socket.io-client. */
export type SocketFactory = (url: string, options: Partial<ManagerOptions & SocketOptions>) => Socket;

/** A Socket.IO client socket with the events of the browser protocol. */
export type LatchkeySocket = Socket<ServerToClientEvents, ClientToServerEvents>;

interface SocketConnectionDeps {
  readonly url: string;
  readonly timers: Timers;
  readonly random: () => number;
  readonly createSocket?: SocketFactory | undefined;
  readonly onConnected: () => void;
  /** Called when the connection is closed, by either side. */
  readonly onDisconnected: () => void;
  /** Called when the connection is lost or an attempt failed. Another attempt follows. */
  readonly onLost: () => void;
  /** Called when an attempt failed before the connection was open. `error` is that of the library, absent at a timeout. */
  readonly onConnectFailed?: (error?: Error) => void;
  /** Called when `reconnect` replaces the connection. */
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

/** Size of the key, new for each connection, that proves that later requests of long polling are of this page. */
const connectionKeyBytes = 16;

/** Sets the transports of the next connect. Cookies are sent for load balancers with sticky sessions. */
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

/** Creates a connection that is stopped. */
export function createSocketConnection(deps: SocketConnectionDeps) {
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
    // A server may accept the transport and never answer the CONNECT of the namespace. The library has no timeout for that.
    waitThen(connectTimeoutMs, connectFailed);
    if (isPolling) beginWithPolling(socket);
    socket.connect();
  };
  const openLater = (): void => {
    const requestedMs = notBefore - timers.now();
    waitThen(Math.max(fullJitterMs(attempts, random), requestedMs), open);
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
  // The page has access to the socket. A socket that it disconnects reconnects, too.
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
    /** The engine id of the connection, which the server has, too. */
    get connectionId() {
      // Before the first connection there is no engine, unlike in the types. A socket of a test may have no manager.
      const manager: { engine?: { id?: string } } | undefined = socket.io;
      return manager?.engine?.id;
    },
    /** Closes the present connection and opens a new one. Reconnects until `stop`. */
    start() {
      isWanted = true;
      attempts = 0;
      close();
      open();
    },
    /** Closes the connection and stops reconnecting. */
    stop() {
      isWanted = false;
      close();
    },
    /** Closes the connection as if it were lost. */
    markLost: failed,
    /** Closes the connection and opens a new one, unless stopped. At once the first time, then with back-off. */
    reconnect() {
      if (!isWanted) return;
      close();
      if (attempts > 0) openLater();
      else {
        attempts = 1;
        // In another task, because the library may still deliver a decoded packet of the old connection.
        waitThen(0, open);
      }
      deps.onReconnect();
    },
    /** Ends a wait between attempts. A delay that the server asked for is kept. */
    retryNow,
    /** Starts the next attempts with long polling, for networks without WebSocket. */
    enablePolling() {
      isPolling = true;
      retryNow();
    },
    /** Delays attempts until `ms` milliseconds from now. */
    delayReconnect(ms: number) {
      // A value that is not a number would remove every delay.
      if (Number.isFinite(ms)) notBefore = Math.max(notBefore, timers.now() + ms);
    },
    /** Makes the next loss start with the shortest delay. */
    resetBackoff() {
      attempts = 0;
    },
    /**
     * Runs `emit` on an open connection. Returns true if the message was sent. Nothing stays in the offline buffer of
     * socket.io-client, because it would be sent, outdated, after the next connect.
     */
    send(emit: (socket: LatchkeySocket) => void) {
      if (!socket.connected) return false;
      const before = socket.sendBuffer.length;
      emit(socket);
      if (socket.sendBuffer.splice(before).length === 0) return true;
      // After a sleep the library knows that the connection is dead before it emits `disconnect`.
      failed();
      return false;
    },
  });
}

/** One socket that reconnects with full jitter until it is stopped. */
export type SocketConnection = ReturnType<typeof createSocketConnection>;
