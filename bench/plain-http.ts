import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** One connection to 127.0.0.1, with one request at a time. */
interface PlainHttp {
  /** Sends a request. Resolves to the status after the whole response. */
  post(path: string, body: object): Promise<number>;
  get(path: string, authorization: string): Promise<number>;
  close(): void;
}

/**
 * A minimal HTTP/1.1 client, because a complete one would use CPU time of the server under test. Responses need a
 * `content-length`, and no other header is read.
 */
export async function openPlainHttp(port: number): Promise<PlainHttp> {
  const socket = connect(port, '127.0.0.1').setNoDelay().setEncoding('latin1');
  await once(socket, 'connect');
  return Object.freeze({
    post(path: string, body: object) {
      const text = JSON.stringify(body);
      const head = `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: application/json`;
      socket.write(`${head}\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
      return statusFrom(socket);
    },
    get(path: string, authorization: string) {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: ${authorization}\r\n\r\n`);
      return statusFrom(socket);
    },
    close: () => void socket.destroy(),
  });
}

const timeoutMs = 30_000;

function statusFrom(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const done = (settle: () => void) => {
      clearTimeout(timer);
      socket.off('data', onData).off('close', onClose);
      settle();
    };
    const onData = (part: string) => {
      answer += part;
      if (isComplete(answer)) done(() => resolve(Number(answer.slice(9, 12))));
    };
    const onClose = () => done(() => reject(new Error('the server closed the connection')));
    const timer = setTimeout(onClose, timeoutMs);
    socket.on('data', onData).on('close', onClose);
  });
}

function isComplete(answer: string): boolean {
  const headEnds = answer.indexOf('\r\n\r\n');
  if (headEnds < 0) return false;
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(answer)?.[1]);
  return answer.length >= headEnds + 4 + length;
}
