import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { expect } from 'chai';
import pg from 'pg';
import { resetsWhenLate } from '../../src/db/resets.ts';

/** Of a server that exists in this test alone. */
const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgFFdjVpv729Za6zNl
Js9iBRX9b7IsDB/UH5+P6GN36AqhRANCAARh2rvsGfKvR/GFPmI2TfGcSxitIaEq
Hg5sf0v+w06AkzPHrx+RnN8zbmy/jW6T+ng/gLX6lbHJb3u78tt61KUv
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBgDCCASWgAwIBAgIUMMvjVtuN250T0kGgfUbGzemZQXowCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyODIwMTkzMFoYDzIxMjYxMTA0
MjAxOTMwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARh2rvsGfKvR/GFPmI2TfGcSxitIaEqHg5sf0v+w06AkzPHrx+RnN8z
bmy/jW6T+ng/gLX6lbHJb3u78tt61KUvo1MwUTAdBgNVHQ4EFgQUYWxT+pWWHHIZ
VIE3zENegEE3q1YwHwYDVR0jBBgwFoAUYWxT+pWWHHIZVIE3zENegEE3q1YwDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA4yI5Z+0kpDDWVXNkYkPi
mfe9ejWehUyw+U/1h7Ohh5YCIQDvVmSpcTnjl71gnmdUM5ki92OJ+Zz2qbobe6Lv
/V4WSQ==
-----END CERTIFICATE-----
`,
};

const message = (type: string, body: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};
const authenticated = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))]);
const sslRequest = 80_877_103;

/** Speaks as much of PostgreSQL as a sign-in needs, and then never again. `ends`: how each connection ended. */
async function startSilentServer(listen: (server: Server) => void) {
  const ends: string[] = [];
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const told = (error: NodeJS.ErrnoException) => ends.push(error.code ?? error.message);
    socket.on('error', told);
    socket.on('close', (hadError) => hadError || ends.push('closed'));
    socket.once('data', (startup) => {
      if (startup.readInt32BE(4) !== sslRequest) return void socket.write(authenticated);
      socket.write('S');
      const secured = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
      secured.on('error', told);
      socket.removeAllListeners('close');
      secured.once('data', () => secured.write(authenticated));
    });
  });
  listen(server);
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    ends,
    port: (server.address() as AddressInfo | null)?.port,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const Client = resetsWhenLate(pg.Client);

async function hasEnded({ ends }: { readonly ends: readonly string[] }): Promise<void> {
  for (let i = 0; i < 100 && ends.length === 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('resetsWhenLate', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-socket-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** The client's error, and how the server saw the connection end. */
  async function askInVain(listen: (server: Server) => void, config: (port: number | undefined) => pg.ClientConfig) {
    const server = await startSilentServer(listen);
    const client = new Client({ user: 'u', database: 'd', query_timeout: 100, ...config(server.port) });
    client.on('error', () => {});
    const ended = new Promise((resolve) => client.once('end', resolve));
    await client.connect();
    const error = await client.query('SELECT 1').catch((thrown: Error) => thrown.message);
    await ended;
    await hasEnded(server);
    await server.close();
    return [error, ...server.ends];
  }

  const onLoopback = (server: Server) => void server.listen(0, '127.0.0.1');
  const byTcp = (port: number | undefined) => ({ host: '127.0.0.1', port: port! });

  it('resets a TCP connection whose answer does not come', async () => {
    expect(await askInVain(onLoopback, byTcp)).to.deep.equal(['Query read timeout', 'ECONNRESET']);
  });

  it('resets the TCP connection below TLS', async () => {
    const secured = (port: number | undefined) => ({
      ...byTcp(port),
      ssl: { ca: certificate.cert, servername: 'localhost' },
    });
    expect(await askInVain(onLoopback, secured)).to.deep.equal(['Query read timeout', 'ECONNRESET']);
  });

  it('closes a Unix socket, which knows no reset', async () => {
    const path = join(folder, '.s.PGSQL.5432');
    const byPath = () => ({ host: folder, port: 5432 });
    expect(await askInVain((server) => void server.listen(path), byPath)).to.deep.equal([
      'Query read timeout',
      'closed',
    ]);
  });

  it('leaves a connection alone until its answer is late, or it is told to reset it', async () => {
    const server = await startSilentServer(onLoopback);
    const client = new Client({ user: 'u', database: 'd', query_timeout: 10_000, ...byTcp(server.port) });
    client.on('error', () => {});
    await client.connect();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(server.ends).to.deep.equal([]);
    client.reset();
    await hasEnded(server);
    await server.close();
    expect(server.ends).to.deep.equal(['ECONNRESET']);
  });
});
