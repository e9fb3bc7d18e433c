import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createHttpApp } from '../../src/http/server.ts';

describe('the HTTP API of the bank', () => {
  let server: Server;
  let said: string[];

  beforeEach(async () => {
    said = [];
    const note = (_fields: unknown, message: string) => void said.push(message);
    const app = createHttpApp({
      config: { publicUrl: 'http://localhost:4100', latchkeyUrl: 'http://localhost:4000' },
      latchkey: {
        koa: () => async () => {
          throw new Error('a fault of our own');
        },
        health: () => ({ isReady: true }),
        isServerShutDownInProgress: () => false,
      } as never,
      db: undefined as never,
      log: { warn: note, error: note } as never,
    });
    server = createServer(app.callback());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** As it is: `fetch` would mend the target before it goes out. */
  const get = (path: string) =>
    new Promise<{ status: number | undefined; code: unknown }>((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const asked = request({ port, host: '127.0.0.1', path, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, code: JSON.parse(text).code }));
      });
      asked.on('error', reject).end();
    });

  for (const path of ['/%E0%A4%A', '/%00', '/a%2f..%2f..%2f..%2fpackage.json', 'http://[:::/bookings'])
    it(`answers 400 or 404 to the request target ${path}, without a log line`, async () => {
      const { status, code } = await get(path);
      expect([
        [400, 'invalid_request'],
        [404, 'not_found'],
      ]).to.deep.include([status, code]);
      expect(said).to.deep.equal([]);
    });

  it('answers 404 at an unknown path', async () => {
    expect(await get('/nowhere')).to.deep.equal({ status: 404, code: 'not_found' });
  });

  it('answers an unexpected error without details, and logs it', async () => {
    expect(await get('/bookings')).to.deep.equal({ status: 500, code: 'internal_error' });
    expect(said).to.deep.equal(['a request failed']);
  });
});
