import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { listen, portOf } from '../../test-kit/listen.ts';

/** What a reverse proxy does wrong. Without any of them it is as docs/run/doctor.md asks for. */
interface ProxyFaults {
  dropsUpgrade: boolean;
  replacesHost: boolean;
  /** What becomes of `X-Forwarded-For`. */
  forwardedFor: 'append' | 'pass' | 'leave out';
  /** Its own address, which nodes see. */
  from: string;
  /** Answers 502 to everything. */
  isDown: boolean;
}

/** A reverse proxy on 127.0.0.1. */
export interface FaultyProxy {
  readonly url: string;
  /** Ports of the nodes behind it, which take turns. */
  targets: number[];
  readonly faults: ProxyFaults;
  reset(): void;
  close(): void;
}

const noFaults: ProxyFaults = {
  dropsUpgrade: false,
  replacesHost: false,
  forwardedFor: 'append',
  from: '127.0.0.1',
  isDown: false,
};

/**
 * @example
 * const proxy = await startFaultyProxy();
 * proxy.targets = [node.port];
 * proxy.faults.dropsUpgrade = true;
 */
export async function startFaultyProxy(): Promise<FaultyProxy> {
  let turn = 0;
  const next = () => proxy.targets[turn++ % proxy.targets.length] ?? 0;

  function headersFor({ headers, socket }: IncomingMessage, port: number): IncomingHttpHeaders {
    const { replacesHost, forwardedFor } = proxy.faults;
    const { 'x-forwarded-for': sent, ...rest } = headers;
    const appended = [sent, socket.remoteAddress].filter(Boolean).join(', ');
    const forwarded = { append: appended, pass: sent, 'leave out': undefined }[forwardedFor];
    return {
      ...rest,
      ...(replacesHost ? { host: `127.0.0.1:${port}` } : {}),
      ...(forwarded === undefined ? {} : { 'x-forwarded-for': String(forwarded) }),
    };
  }

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (proxy.faults.isDown) return void outgoing.writeHead(502).end('Bad Gateway');
    const port = next();
    const { upgrade: _, connection: __, ...headers } = headersFor(incoming, port);
    const { method, url: path } = incoming;
    const target = { host: '127.0.0.1', port, localAddress: proxy.faults.from };
    const sent = request({ ...target, method, path, headers, agent: false }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    sent.on('error', () => outgoing.destroy());
    incoming.pipe(sent);
  }

  function upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
    const port = next();
    const upstream = connect(port, '127.0.0.1');
    const lines = Object.entries(headersFor(incoming, port)).map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('')}\r\n`);
    upstream.write(head);
    for (const [from, to] of [[socket, upstream] as const, [upstream, socket] as const])
      from.on('error', () => to.destroy()).pipe(to);
  }

  const server = createServer(pass);
  server.on('upgrade', (incoming, socket, head) => {
    if (!proxy.faults.dropsUpgrade) return upgrade(incoming, socket as Socket, head);
    // As a proxy that knows no upgrade: the request is passed on without it.
    const sent = request({
      host: '127.0.0.1',
      port: next(),
      path: incoming.url,
      headers: { host: incoming.headers.host ?? '' },
      agent: false,
    });
    sent.on('error', () => socket.destroy());
    sent.on('response', (answer) => {
      socket.end(`HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nConnection: close\r\n\r\n`);
      answer.resume();
    });
    sent.end();
  });
  await listen(server);
  const proxy: FaultyProxy = {
    url: `http://127.0.0.1:${portOf(server)}`,
    targets: [],
    faults: { ...noFaults },
    reset: () => Object.assign(proxy.faults, noFaults),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  return proxy;
}
