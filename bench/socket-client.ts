import { callForAll, type LoadResult } from './load.ts';
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
  /** Opens and authenticates all sockets and keeps them open. Resolves when the last is authenticated. */
  connect(load: ConnectLoad): Promise<LoadResult>;
  closeAll(): Promise<void>;
};

function createSocketClient(): SocketClientCalls {
  const open = new Set<PlainWebSocket>();
  return {
    connect({ port, credentials, concurrency }) {
      return callForAll(credentials, concurrency, async (credential) => {
        open.add(await openSocket({ port, credential }));
      });
    },
    async closeAll() {
      for (const socket of open) socket.close();
      open.clear();
    },
  };
}

serveCalls(createSocketClient());
