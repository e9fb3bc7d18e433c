import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isTransientError } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import type pg from 'pg';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { describeDatabaseError } from '../../src/cli/database-start-error.ts';
import { createListener } from '../../src/db/listener.ts';
import { PostgresClient } from '../../src/db/postgres-client.ts';
import { certificate, startSilentServer } from './silent-server.ts';

/** More than the kernels of both sides hold for a connection. */
const mostBytes = 64_000_000;

const hasEnded = ({ ends }: { readonly ends: readonly string[] }) => waitFor(() => ends.length > 0, 18_000);

describe('PostgresClient', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-socket-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** The client's error, and how the server saw the connection end. */
  async function askInVain(listen: (server: Server) => void, config: (port: number | undefined) => pg.ClientConfig) {
    const server = await startSilentServer(listen);
    const client = new PostgresClient({ user: 'u', database: 'd', query_timeout: 100, ...config(server.port) });
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
  const byTls = (port: number | undefined) => ({
    ...byTcp(port),
    ssl: { ca: certificate.cert, servername: 'localhost' },
  });

  it('resets a TCP connection without an answer', async () => {
    expect(await askInVain(onLoopback, byTcp)).to.deep.equal(['Query read timeout', 'ECONNRESET']);
  });

  it('resets the TCP connection below TLS', async () => {
    expect(await askInVain(onLoopback, byTls)).to.deep.equal(['Query read timeout', 'ECONNRESET']);
  });

  it('closes a Unix socket', async () => {
    const path = join(folder, '.s.PGSQL.5432');
    const byPath = () => ({ host: folder, port: 5432 });
    expect(await askInVain((server) => void server.listen(path), byPath)).to.deep.equal([
      'Query read timeout',
      'closed',
    ]);
  });

  for (const [kind, config] of Object.entries({ 'a TCP connection': byTcp, 'the TCP connection below TLS': byTls }))
    it(`discards unsent data by ${kind} to a server that does not read`, async () => {
      const server = await startSilentServer(onLoopback, true);
      const client = new PostgresClient({ user: 'u', database: 'd', query_timeout: 100, ...config(server.port) });
      client.on('error', () => {});
      const ended = new Promise((resolve) => client.once('end', resolve));
      await client.connect();
      const sent = client.query('SELECT $1::text', ['x'.repeat(mostBytes)]);
      expect(await sent.catch((thrown: Error) => thrown.message)).to.equal('Query read timeout');
      await ended;
      server.readOn();
      await hasEnded(server);
      await server.close();
      expect(server.bytesRead()).to.be.below(mostBytes);
    });

  for (const [kind, config] of Object.entries({ TCP: byTcp, TLS: byTls }))
    it(`ends a connection by ${kind} when the server sends what pg cannot read`, async () => {
      const server = await startSilentServer(onLoopback);
      const client = new PostgresClient({ user: 'u', database: 'd', ...config(server.port) });
      const errors: Error[] = [];
      client.on('error', (error) => void errors.push(error));
      await client.connect();
      const answer = client.query('SELECT 1').catch((error: unknown) => error);
      server.requestAuthentication(99);
      const error = await answer;
      expect(error)
        .to.match(/UnreadableMessage: Connection terminated/)
        .and.satisfy(isTransientError);
      expect(describeDatabaseError(error)).to.match(/authentication that is not supported/);
      await hasEnded(server);
      await server.close();
    });

  it('keeps a connection until its answer is late, or `reset` is called', async () => {
    const server = await startSilentServer(onLoopback);
    const client = new PostgresClient({ user: 'u', database: 'd', query_timeout: 10_000, ...byTcp(server.port) });
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

describe('createListener', () => {
  it('resets a connection that does not answer LISTEN, reports it and connects again', async () => {
    const server = await startSilentServer((made) => void made.listen(0, '127.0.0.1'));
    const errors: string[] = [];
    const stop = await createListener({
      url: `postgresql://u@127.0.0.1:${server.port}/d`,
      channel: 'hints',
      onHint: () => {},
      clock: createSystemClock(),
      onError: ({ message }) => errors.push(message),
    });
    await hasEnded(server);
    await waitFor(() => server.connections() === 2);
    await Promise.all([stop(), server.close()]);
    expect(errors).to.include('Query read timeout');
    expect(server.ends[0]).to.equal('ECONNRESET');
    expect(server.connections()).to.equal(2);
  }).timeout(10_000);
});
