import { expect } from 'chai';
import { checkReachability } from '../../src/connection/reachability.ts';

describe('checkReachability', () => {
  const answer = (status: number, body: unknown) => async () =>
    new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  const table: readonly [string, number, unknown, string][] = [
    ['a server that offers WebSocket only', 400, { code: 0, message: 'Transport unknown' }, 'no_websocket'],
    ['a server that wants a connection key', 400, { code: 3, message: 'Long polling needs a key' }, 'polling'],
    ['a Socket.IO server that opens a connection', 200, '0{"sid":"x","upgrades":["websocket"]}', 'polling'],
    ['a refused origin', 403, { code: 4, message: 'The origin is not allowed.' }, 'origin_refused'],
    ['a path that is not there', 404, '<h1>Not found</h1>', 'not_a_service'],
    ['a page of an app', 200, '<!doctype html>', 'not_a_service'],
    ['another refusal', 403, { code: 'forbidden' }, 'not_a_service'],
    ['JSON that is no object', 400, 'null', 'not_a_service'],
    ['too many connections', 429, { code: 4, message: 'Too many' }, 'unavailable'],
    ['a gateway without a server', 503, '<h1>Unavailable</h1>', 'unavailable'],
  ];
  for (const [name, status, body, found] of table) {
    it(`returns ${found} for ${name}`, async () => {
      expect(await checkReachability('https://id.test/x', answer(status, body))).to.equal(found);
    });
  }
  it('sends a request without credentials and without a preflight to the origin', async () => {
    const asked: [unknown, RequestInit | undefined][] = [];
    await checkReachability('https://id.test/x', (async (url: unknown, init?: RequestInit) => {
      asked.push([url, init]);
      return new Response('{}');
    }) as typeof fetch);
    expect(asked).to.have.length(1);
    const [[url, init]] = asked as [[unknown, RequestInit]];
    expect(url).to.equal('https://id.test/socket.io/?EIO=4&transport=polling');
    expect(init).to.include({ credentials: 'omit', cache: 'no-store' }).and.to.not.have.any.keys('headers', 'method');
  });
  it('returns unavailable for a network error', async () => {
    expect(await checkReachability('https://id.test', () => Promise.reject(new TypeError('lost')))).to.equal(
      'unavailable',
    );
  });
});
