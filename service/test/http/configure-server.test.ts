import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createConnection } from 'node:net';
import { expect } from 'chai';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { configureServer, serverOptions } from '../../src/http/configure-server.ts';

describe('configureServer', () => {
  let server: Server;
  const start = async (options = {}) => {
    server = createServer({ ...serverOptions, ...options }, (req, res) => req.resume().on('end', () => res.end('ok')));
    configureServer(server);
    await listen(server);
  };
  afterEach(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });

  /** All that comes back on a raw connection; `more` is sent once something has. */
  const send = (text: string, more?: string) =>
    new Promise<string>((resolve, reject) => {
      const socket = createConnection({ port: portOf(server), host: '127.0.0.1' });
      let answer = '';
      socket.setEncoding('utf8').on('data', (chunk) => {
        answer += chunk;
      });
      if (more !== undefined) socket.once('data', () => socket.write(more));
      socket.on('close', () => resolve(answer)).on('error', reject);
      socket.write(text);
    });

  it('sets the timeouts of an existing server', async () => {
    server = createServer();
    configureServer(server);
    expect(server).include({ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 });
    await listen(server);
  });

  it('answers 400 to bytes that are no HTTP', async () => {
    await start();
    const answer = await send('no http at all\r\n\r\n');
    expect(answer)
      .match(/^HTTP\/1\.1 400 /)
      .and.include('"code":"invalid_request"');
  });

  it('answers payload_too_large to headers above the limit', async () => {
    await start();
    expect(await send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`)).include('payload_too_large');
  });

  it('writes no error into an answer that has begun', async () => {
    const begin = (_req: IncomingMessage, res: ServerResponse) => {
      res.writeHead(200, { 'Content-Length': 1_000 });
      res.write('a beginning');
    };
    server = createServer(serverOptions, begin);
    configureServer(server);
    await listen(server);
    const answer = await send('GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'no http at all\r\n\r\n');
    expect(answer).to.match(/^HTTP\/1\.1 200 /);
    expect(answer).to.not.include('invalid_request');
  });

  it('answers an invalid request behind a complete answer', async () => {
    await start();
    const answer = await send('GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'no http at all\r\n\r\n');
    expect(answer).to.match(/^HTTP\/1\.1 200 /);
    expect(answer).to.include('invalid_request');
  });

  it('ends a request that stays incomplete', async () => {
    await start({ connectionsCheckingInterval: 20 });
    server.headersTimeout = 60;
    server.requestTimeout = 100;
    expect(await send('GET / HTTP/1.1\r\nHost: x\r\n'))
      .match(/^HTTP\/1\.1 408 /)
      .and.include('request_timeout');
    expect(await send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')).include('request_timeout');
  });
});
