import { openSocket, type SocketCredential } from './open-socket.ts';
import type { PlainWebSocket } from './plain-websocket.ts';
import { serveCalls } from './serve-calls.ts';

interface ConnectLoad {
  readonly port: number;
  readonly credentials: readonly SocketCredential[];
  /** Sockets that connect at the same time. */
  readonly concurrency: number;
}

export type SocketClientCalls = {
  /** Opens and authenticates all sockets and keeps them open. Returns the milliseconds until the last is authenticated. */
  connect(load: ConnectLoad): Promise<number>;
  closeAll(): Promise<void>;
};

function createSocketClient(): SocketClientCalls {
  const open = new Set<PlainWebSocket>();
  return {
    async connect({ port, credentials, concurrency }) {
      const queue = credentials.values();
      const from = performance.now();
      const worker = async () => {
        for (const credential of queue) open.add(await openSocket({ port, credential }));
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      return performance.now() - from;
    },
    async closeAll() {
      for (const socket of open) socket.close();
      open.clear();
    },
  };
}

serveCalls(createSocketClient());
