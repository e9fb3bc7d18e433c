import { connectionKeyNames } from '@latchkey/contract';
import type { SocketServeOptions } from '@latchkey/sdk-server';
import { io as connect } from 'socket.io-client';
import { idIn, type RawWebSocket, rawPoll, rawUpgrade } from '../harness/raw-engine-client.ts';
import { type PlantedBackend, plantBackend } from './planted-backend.ts';

const origins = ['https://app.test'];
const withKey = (key: string) => ({ [connectionKeyNames.header]: key.repeat(22) });

describe('troubleshooting: sockets of a backend', () => {
  let backend: PlantedBackend;
  const opened: RawWebSocket[] = [];

  afterEach(async () => {
    for (const { tcp } of opened.splice(0)) tcp.destroy();
    await backend.end();
  });

  async function serve(options: Partial<SocketServeOptions> = {}) {
    backend = await plantBackend();
    const target = await backend.listen();
    const io = backend.latchkey.socketServe(target.http, { origins, ...options });
    return { ...target, io };
  }
  async function open(port: number, query: string, headers = {}): Promise<number> {
    const webSocket = await rawUpgrade({ port }, query, headers);
    opened.push(webSocket);
    return webSocket.status;
  }

  it('origin_refused: a page of another origin', async () => {
    const { port } = await serve();
    await open(port, 'transport=websocket', { Origin: 'https://ap.test' });
    const { origin } = await backend.said('origin_refused', 'origins');
    if (origin !== 'https://ap.test') throw new Error(`the line names ${origin}`);
  });

  it('long_polling_refused: a client without WebSocket', async () => {
    const { port } = await serve();
    await rawPoll({ port }, '', withKey('k'));
    await backend.said('long_polling_refused', 'longPolling');
  });

  it('connection_key_missing: long polling by another client', async () => {
    const { port } = await serve({ longPolling: true });
    await rawPoll({ port }, '');
    await backend.said('connection_key_missing', 'client');
  });

  it('connection_key_wrong: a request of another connection', async () => {
    const { port } = await serve({ longPolling: true });
    const id = idIn((await rawPoll({ port }, '', withKey('k'))).body);
    await rawPoll({ port }, `sid=${id}`, withKey('l'));
    await backend.said('connection_key_wrong', 'client');
  });

  it('engine_id_refused: a second WebSocket of a connection', async () => {
    const { port } = await serve();
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    await new Promise<void>((resolve) => void socket.once('connect', resolve));
    await open(port, `transport=websocket&sid=${socket.io.engine.id}`);
    await backend.said('engine_id_refused', 'client');
    socket.close();
  });

  it('transport_refused: an upgrade to another transport', async () => {
    const { port } = await serve();
    await open(port, 'transport=polling');
    await backend.said('transport_refused', 'client');
  });

  it('too_many_sockets: many clients behind one address', async () => {
    const { port } = await serve({ limits: { unauthenticatedSocketsPerAddress: 1 } });
    await open(port, 'transport=websocket');
    await open(port, 'transport=websocket');
    await backend.said('too_many_sockets', 'limits.unauthenticatedSocketsPerAddress');
  });

  it('namespace_refused: a namespace before the sign-in', async () => {
    const { port, io } = await serve();
    io.of('/chat');
    const socket = connect(`http://127.0.0.1:${port}/chat`, { transports: ['websocket'], forceNew: true });
    await backend.said('namespace_refused', 'namespaces');
    socket.close();
  });
});
