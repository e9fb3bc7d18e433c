import { answer } from './answer.ts';
import { openPlainWebSocket, type PlainWebSocket } from './plain-websocket.ts';

/** What one socket shows. */
export interface Credential {
  readonly token: string;
  readonly key: string;
}

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

const patienceMs = 30_000;

/**
 * Opens one socket, emits `authenticate`, waits for `authenticated` and acknowledges it; returns the socket, which
 * stays and answers pings.
 */
function authenticate(port: number, credential: Credential): Promise<PlainWebSocket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('not authenticated in time')), patienceMs);
    const done = (error?: Error) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve(socket);
    };
    const socket = openPlainWebSocket(port, {
      onText(text) {
        if (text === '2') socket.send('3');
        else if (text.startsWith('0{')) socket.send('40');
        else if (text.startsWith('40{')) socket.send(`42${JSON.stringify(['authenticate', credential])}`);
        else acknowledge(socket, text, done);
      },
      onEnd: (why) => done(new Error(why)),
    });
  });
}

function acknowledge(socket: PlainWebSocket, text: string, done: (error?: Error) => void): void {
  const [, id] = /^42(\d*)\["authenticated",\{"token":"/.exec(text) ?? [];
  if (id) socket.send(`43${id}[]`);
  done(id === undefined ? new Error(`unexpected: ${text.slice(0, 200)}`) : undefined);
}

function createSocketClient(): SocketClientCalls {
  const open = new Set<PlainWebSocket>();
  return {
    async connect({ port, credentials, hands }) {
      const queue = credentials.values();
      const from = performance.now();
      const hand = async () => {
        for (const credential of queue) open.add(await authenticate(port, credential));
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
