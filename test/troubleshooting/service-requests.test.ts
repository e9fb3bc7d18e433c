import { createServer } from 'node:http';
import { backendProtocol, paths } from '@latchkey/contract';
import { createLatchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { io } from 'socket.io-client';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import { listen } from '../../test-kit/listen.ts';
import { type PlantedService, plantService } from './planted-service.ts';

const password = 'a long pass phrase of no user';

describe('troubleshooting: requests to the service', function () {
  this.timeout(60_000);
  let service: PlantedService;

  before(async () => {
    service = await plantService();
  });
  after(() => service.end());

  const ask = (path: string, headers: Record<string, string>) =>
    service.client.request<{ code: string; detail?: string }>('POST', path, {}, headers);

  it('foreign_origin: a front end that is not on the list', async () => {
    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'POST' };
    await service.client.request('OPTIONS', paths.login, undefined, preflight);
    await service.logged('foreign_origin', 'LATCHKEY_ALLOWED_ORIGINS');
    const { status, headers, body } = await ask(paths.login, { origin: 'https://shop.example' });
    expect([status, body.code]).to.deep.equal([403, 'forbidden']);
    expect(headers.get('access-control-allow-origin')).to.equal(null);
    expect(body.detail, 'in development').to.include('LATCHKEY_ALLOWED_ORIGINS');
    const { origin } = await service.logged('foreign_origin', 'LATCHKEY_ALLOWED_ORIGINS');
    expect(origin).to.equal('https://shop.example');
  });

  it('public_url_differs: the page opened under another address', async () => {
    const { port } = new URL(service.url);
    const elsewhere = `http://localhost:${port}`;
    const register = new URL(paths.register, elsewhere);
    const answer = await fetch(register, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: elsewhere },
      body: JSON.stringify({ email: 'ada@example.test', password }),
    });
    const { detail } = (await answer.json()) as { detail: string };
    expect(detail).to.include(`Open it under ${service.url}`);
    const { origin, publicUrl } = await service.logged('public_url_differs', 'LATCHKEY_PUBLIC_URL');
    expect([origin, publicUrl]).to.deep.equal([elsewhere, service.url]);
  });

  it('public_url_differs: the page opened through a proxy that rewrites Host', async () => {
    const origin = 'https://id.example';
    const { status, body } = await ask(paths.login, { origin, 'sec-fetch-site': 'same-origin' });
    expect(status).to.equal(403);
    expect(body.detail).to.include('LATCHKEY_PUBLIC_URL');
  });

  it('app_url_refused: an app whose URL is not on the list', async () => {
    const app = 'https://shop.example/in?utm=1';
    const query = new URLSearchParams({
      app,
      state: 's',
      code_challenge: 'x'.repeat(43),
      code_challenge_method: 'S256',
    });
    const { status } = await service.client.request('GET', `${paths.signInRequest}?${query}`);
    expect(status).to.equal(400);
    expect((await service.logged('app_url_refused', 'LATCHKEY_APP_URLS')).app).to.equal('https://shop.example/in');
  });

  it('proxy_untrusted: a proxy that is not on the list', async () => {
    await ask(paths.login, { 'x-forwarded-for': '203.0.113.9' });
    await service.logged('proxy_untrusted', 'LATCHKEY_TRUST_PROXY');
  });
});

describe('troubleshooting: backends of the service', function () {
  this.timeout(60_000);
  let service: PlantedService;

  before(async () => {
    service = await plantService();
  });
  after(() => service.end());

  /** What a backend is refused with. */
  async function connect(auth: object): Promise<{ code: string; message: string }> {
    const socket = io(`${service.url}/backend`, { transports: ['websocket'], reconnection: false, auth });
    try {
      return await new Promise((resolve, reject) => {
        socket.on('connect', () => reject(new Error('connected')));
        socket.on('connect_error', (error) => resolve((error as unknown as { data: never }).data));
      });
    } finally {
      socket.close();
    }
  }
  const credential = (backend_id: string, backend_secret: string) => ({
    ...{ protocol: backendProtocol, backend_id, backend_secret },
    server_id: '0b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55',
  });

  it('backend_unknown: an id that the service does not have', async () => {
    expect((await connect(credential('bank', 'a secret'))).code).to.equal('unauthenticated');
    expect((await service.logged('backend_unknown', 'backendId')).backend).to.equal('bank');
  });

  it('backend_secret_wrong: a secret of another installation', async () => {
    expect((await connect(credential('development', 'a secret'))).code).to.equal('unauthenticated');
    expect((await service.logged('backend_secret_wrong', 'backendSecret')).backend).to.equal('development');
  });

  it('backend_protocol_differs: a backend of another release', async () => {
    const { code, message } = await connect({
      ...credential('development', 'a secret'),
      protocol: backendProtocol + 1,
    });
    expect(code).to.equal('invalid_request');
    expect(message).to.include('bring both to one release');
    const { backend, theirs } = await service.logged('backend_protocol_differs', '@latchkey/sdk-server');
    expect([backend, theirs]).to.deep.equal(['development', String(backendProtocol + 1)]);
  });

  it('backend_scope_missing: a backend that asks for more than it may', async () => {
    const authorization = `Basic ${Buffer.from(service.developmentBackend()).toString('base64')}`;
    const { status } = await service.client.request('GET', '/admin/users', undefined, { authorization });
    expect(status).to.equal(403);
    const { backend, scope } = await service.logged('backend_scope_missing', '--scopes');
    expect([backend, scope]).to.deep.equal(['development', 'admin']);
  });

  it('backend_origin_missing: a page that the backend allows and the service does not', async () => {
    const credential = await service.run('backend', 'create', 'shop', '--origins', 'https://shop.example');
    const { backend_id, backend_secret } = credential as { backend_id: string; backend_secret: string };
    const latchkey = createLatchkey({ url: service.url, backendId: backend_id, backendSecret: backend_secret });
    await latchkey.ready();
    const http = createServer();
    latchkey.socketServe(http, { origins: ['https://office.example'] });
    const socketUrl = await listen(http);
    const client = createPlainClient({ url: service.url, socketUrl });
    try {
      const login = await client.register('ada@example.test', password);
      const socket = await client.connect({ headers: { origin: 'https://office.example' } });
      const { payload } = await socket.authenticate({ ...login, rotation_key: newKey() });
      expect(payload).to.include({ code: 'forbidden' });
      const { backend, origin } = await service.logged('backend_origin_missing', '--origins');
      expect([backend, origin]).to.deep.equal([backend_id, 'https://office.example']);
    } finally {
      client.close();
      latchkey.close();
      http.closeAllConnections();
      http.close();
    }
  });
});
