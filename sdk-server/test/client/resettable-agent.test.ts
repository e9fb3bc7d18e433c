import { once } from 'node:events';
import { request } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect } from 'chai';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { createResettableAgent } from '../../src/client/resettable-agent.ts';

describe('createResettableAgent', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** A server on a free port; `met` is the TCP connection of the client, which is not read. */
  async function open(server: Server): Promise<{ port: number; met: Promise<Socket> }> {
    servers.push(server);
    const met = once(server, 'connection').then(([socket]) => socket as Socket);
    await listen(server);
    return { port: portOf(server), met };
  }

  it('resets a connection whose peer does not read, and discards unsent data', async () => {
    const { port, met } = await open(createServer({ pauseOnConnect: true }));
    const { agent, reset } = createResettableAgent(false);
    const sent = request({ host: '127.0.0.1', port, agent, method: 'POST', path: '/anything' });
    const failed = once(sent, 'error');
    sent.write(Buffer.alloc(16_000_000));
    const peer = await met;
    await new Promise((resolve) => setTimeout(resolve, 100));
    reset();
    await failed;
    // Node 24 reports the reset as an error of the peer. `once` would reject with it.
    const closed = new Promise((resolve) => peer.once('close', resolve));
    peer.on('error', () => {});
    peer.resume();
    await closed;
    expect(peer.bytesRead).to.be.below(16_000_000);
  });

  it('resets the TCP connection below TLS', async () => {
    const psk = Buffer.alloc(32, 1);
    const common = { ciphers: 'PSK', maxVersion: 'TLSv1.2' } as const;
    const server = createTlsServer({ ...common, pskCallback: () => psk });
    server.on('tlsClientError', () => {});
    const { port } = await open(server);
    const { agent, reset } = createResettableAgent(true);
    const pskCallback = () => ({ psk, identity: 'client' });
    const options = { host: '127.0.0.1', port, ...common, pskCallback, checkServerIdentity: () => undefined };
    const client = agent.createConnection(options, () => {}) as Socket;
    client.on('error', () => {});
    const [[peer]] = await Promise.all([once(server, 'secureConnection'), once(client, 'secureConnect')]);
    const failed = once(peer as Socket, 'error').then(([error]) => (error as NodeJS.ErrnoException).code);
    const closed = once(client, 'close');
    reset();
    await closed;
    expect(await failed).to.equal('ECONNRESET');
  });

  it('resets nothing before the first connection', () => {
    expect(createResettableAgent(true).reset).not.to.throw();
  });
});
