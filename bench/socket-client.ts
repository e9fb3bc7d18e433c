import { answer } from './answer.ts';
import { type Credential, openSocket } from './open-socket.ts';
import type { PlainWebSocket } from './plain-websocket.ts';

interface Crowd {
  readonly port: number;
  readonly credentials: readonly Credential[];
  /** Sockets on their way at once. */
  readonly hands: number;
}

export type SocketClientCalls = {
  /** Opens and authenticates all of them, keeps them open, and returns the milliseconds it took. */
  connect(crowd: Crowd): Promise<number>;
  closeAll(): Promise<void>;
};

function createSocketClient(): SocketClientCalls {
  const open = new Set<PlainWebSocket>();
  return {
    async connect({ port, credentials, hands }) {
      const queue = credentials.values();
      const from = performance.now();
      const hand = async () => {
        for (const credential of queue) open.add(await openSocket({ port, credential }));
      };
      await Promise.all(Array.from({ length: hands }, hand));
      return performance.now() - from;
    },
    async closeAll() {
      for (const socket of open) socket.close();
      open.clear();
    },
  };
}

answer(createSocketClient());
