import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { waitFor } from '../wait-for.ts';

type Headers = Readonly<Record<string, string>>;

/** The engine that a raw client talks to. */
interface RawTarget {
  readonly port: number;
  readonly path?: string;
}

/** A WebSocket spoken by hand: no library answers, closes or checks anything. */
export interface RawWebSocket {
  /** Of the answer to the upgrade; 101 when it was taken, 0 when the connection ended without one. */
  readonly status: number;
  readonly head: string;
  readonly tcp: Socket;
  /** Everything the server sent after its answer, as text. */
  received(): string;
  isClosed(): boolean;
  send(...packets: readonly string[]): void;
  sendFrames(...frames: readonly Buffer[]): void;
  /** Resolves once `received` holds the text; rejects after 2 s. */
  waitForText(text: string): Promise<void>;
  /** Resolves once the TCP connection has ended; rejects after `ms`. */
  waitForClose(ms?: number): Promise<void>;
}

/** One masked frame; the mask is all zeros. */
export function frame(opcode: number, payload: string | Buffer, { isLast = true } = {}): Buffer {
  const body = Buffer.from(payload);
  const length =
    body.length < 126 ? Buffer.from([0x80 | body.length]) : Buffer.from([0xfe, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([(isLast ? 0x80 : 0) | opcode]), length, Buffer.alloc(4), body]);
}

function urlOf({ path = '/socket.io/' }: RawTarget, query: string): string {
  return `${path}?EIO=4&${query}`;
}

/** Asks for a WebSocket at the engine, with whatever query and headers. */
export async function rawUpgrade(target: RawTarget, query: string, headers: Headers = {}): Promise<RawWebSocket> {
  const tcp = connect(target.port, '127.0.0.1');
  let text = '';
  let isClosed = false;
  tcp.on('error', () => {});
  tcp.on('data', (chunk) => {
    text += chunk.toString('latin1');
  });
  tcp.once('close', () => {
    isClosed = true;
  });
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  tcp.write(
    `GET ${urlOf(target, query)} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${lines.join('')}\r\n`,
  );
  await waitFor(() => isClosed || text.includes('\r\n\r\n'), 2_000);
  const [head = ''] = text.split('\r\n\r\n');
  const received = () => text.slice(head.length + 4);
  const sendFrames = (...frames: readonly Buffer[]) => void tcp.write(Buffer.concat(frames));
  return {
    status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0),
    head,
    tcp,
    received,
    isClosed: () => isClosed,
    sendFrames,
    send: (...packets) => sendFrames(...packets.map((packet) => frame(1, packet))),
    waitForText: (wanted) => waitFor(() => received().includes(wanted), 2_000),
    waitForClose: (ms = 2_000) => waitFor(() => isClosed, ms),
  };
}

interface RawAnswer {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** One request of long polling: GET, or POST with a body. */
export function rawPoll(target: RawTarget, query: string, headers: Headers = {}, body?: string): Promise<RawAnswer> {
  return rawRequest(target, `transport=polling${query === '' ? '' : `&${query}`}`, headers, body);
}

export function rawRequest(target: RawTarget, query: string, headers: Headers, body?: string): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const options = { port: target.port, host: '127.0.0.1', path: urlOf(target, query), headers, agent: false };
    const request = httpRequest({ ...options, method: body === undefined ? 'GET' : 'POST' }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode!, body: text, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** The engine id in an `open` packet, from either transport. */
export function idIn(text: string): string {
  return /"sid":"([^"]+)"/.exec(text)![1]!;
}
