import { openPlainWebSocket, type PlainWebSocket } from './plain-websocket.ts';

/** Token and rotation key that one socket presents. */
export interface SocketCredential {
  readonly token: string;
  readonly rotation_key: string;
}

interface OpenSocketOptions {
  readonly port: number;
  /** Without a credential the socket counts as open once the namespace is joined. */
  readonly credential?: SocketCredential | undefined;
  /** Called with each Socket.IO packet after the socket is open. */
  onPacket?(packet: string): void;
}

const timeoutMs = 30_000;

/**
 * Opens one socket, emits `authenticate`, waits for `authenticated` and acknowledges it. Returns the open socket, which
 * answers pings.
 */
export function openSocket({ port, credential, onPacket = () => {} }: OpenSocketOptions): Promise<PlainWebSocket> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('not authenticated in time')), timeoutMs);
    let isOpen = false;
    const done = (error?: Error) => {
      clearTimeout(timer);
      isOpen = error === undefined;
      if (error) reject(error);
      else resolve(socket);
    };
    const onConnected = () => {
      if (credential) socket.send(`42${JSON.stringify(['authenticate', credential])}`);
      else done();
    };
    const socket = openPlainWebSocket(port, {
      onText(text) {
        if (text === '2') socket.send('3');
        else if (isOpen) onPacket(text);
        else if (text.startsWith('0{')) socket.send('40');
        else if (text.startsWith('40{')) onConnected();
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
