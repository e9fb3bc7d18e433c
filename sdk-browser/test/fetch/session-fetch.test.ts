import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createSessionFetch } from '../../src/fetch/session-fetch.ts';

interface Heard {
  readonly authorization: string | undefined;
  readonly body: string;
}

async function listen(answer: (heard: Heard, response: ServerResponse, request: IncomingMessage) => void) {
  const heard: Heard[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const entry = { authorization: request.headers.authorization, body };
    heard.push(entry);
    answer(entry, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url, heard, stop };
}

type Api = Awaited<ReturnType<typeof listen>>;

/** Accepts the token `good`, and says so in RFC 6750's words. */
function guard({ authorization }: Heard, response: ServerResponse): void {
  if (authorization === 'Bearer good') return void response.end('hello');
  response.writeHead(401, { 'www-authenticate': 'Bearer realm="x", error="invalid_token"' }).end('no');
}

describe('session fetch', () => {
  let api: Api;
  let other: Api;
  beforeEach(async () => {
    api = await listen(guard);
    other = await listen((_heard, response) => void response.end('other'));
  });
  afterEach(() => {
    api.stop();
    other.stop();
  });

  function setUp({ token = 'good', next = ['good'] as string[], signedIn = true } = {}) {
    let live: string | undefined = token === '' ? undefined : token;
    let renewals = 0;
    const fetch = createSessionFetch({
      url: api.url,
      origins: new Set([new URL(api.url).origin]),
      isSignedIn: () => signedIn,
      access: {
        live: () => live,
        drop: (given) => {
          if (given === undefined || given === live) live = undefined;
        },
      },
      renew: async () => {
        renewals += 1;
        const fresh = next.shift();
        if (fresh === undefined) throw new Error('no more');
        live = fresh;
      },
    });
    return { fetch, renewals: () => renewals };
  }

  it('adds the token for a listed origin', async () => {
    const { fetch } = setUp();
    const response = await fetch(`${api.url}/x`, { headers: { 'x-a': '1' } });
    expect(await response.text()).to.equal('hello');
  });
  it('adds nothing for any other origin', async () => {
    const { fetch, renewals } = setUp({ token: '' });
    await (await fetch(other.url)).text();
    expect(other.heard[0]?.authorization).to.equal(undefined);
    expect(renewals()).to.equal(0);
  });
  it('leaves the caller’s own Authorization alone', async () => {
    const { fetch } = setUp();
    await fetch(new Request(api.url, { headers: { authorization: 'Basic eA==' } }));
    expect(api.heard[0]?.authorization).to.equal('Basic eA==');
    expect(api.heard).to.have.length(1);
  });
  it('asks for a token first when the old one is past its life', async () => {
    const { fetch, renewals } = setUp({ token: '' });
    expect((await fetch(api.url)).status).to.equal(200);
    expect([api.heard.length, renewals()]).to.deep.equal([1, 1]);
  });
  it('sends none when nobody is signed in', async () => {
    const { fetch, renewals } = setUp({ token: '', signedIn: false });
    expect((await fetch(api.url)).status).to.equal(401);
    expect([api.heard[0]?.authorization, renewals()]).to.deep.equal([undefined, 0]);
  });
  it('rejects when it cannot get a token, and sends nothing', async () => {
    const { fetch } = setUp({ token: '', next: [] });
    expect(await fetch(api.url).catch((why: Error) => why.message)).to.equal('no more');
    expect(api.heard).to.have.length(0);
  });
  const bodies: [string, () => RequestInit['body']][] = [
    ['none', () => null],
    ['text', () => 'abc'],
    ['a form', () => new URLSearchParams({ a: 'b' })],
    ['bytes', () => new Uint8Array([65])],
    ['a blob', () => new Blob(['abc'])],
  ];
  for (const [name, body] of bodies) {
    it(`repeats once after invalid_token, body: ${name}`, async () => {
      const { fetch, renewals } = setUp({ token: 'old' });
      const response = await fetch(api.url, { method: 'POST', body: body() ?? null });
      expect(response.status).to.equal(200);
      expect(api.heard.map(({ authorization }) => authorization)).to.deep.equal(['Bearer old', 'Bearer good']);
      expect(api.heard[1]?.body).to.equal(api.heard[0]?.body);
      expect(renewals()).to.equal(1);
    });
  }
  it('repeats once only', async () => {
    const { fetch } = setUp({ token: 'old', next: ['bad', 'good'] });
    expect((await fetch(api.url)).status).to.equal(401);
    expect(api.heard).to.have.length(2);
  });
  it('does not repeat what can be sent only once', async () => {
    const { fetch, renewals } = setUp({ token: 'old' });
    const stream = new Blob(['abc']).stream();
    const first = await fetch(api.url, { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    const second = await fetch(new Request(api.url, { method: 'POST', body: 'abc' }));
    expect([first.status, second.status]).to.deep.equal([401, 401]);
    expect([api.heard.length, renewals()]).to.deep.equal([2, 0]);
    expect(api.heard[0]?.body).to.equal('abc');
  });
  it('hands the refusal over, readable, when no new token comes', async () => {
    const { fetch } = setUp({ token: 'old', next: [] });
    const response = await fetch(api.url);
    expect([response.status, await response.text()]).to.deep.equal([401, 'no']);
  });
  it('does not take another 401 for a stale token', async () => {
    const plain = await listen((_heard, response) => void response.writeHead(401).end());
    const { renewals } = setUp();
    const fetch = createSessionFetch({
      url: plain.url,
      origins: new Set([plain.url]),
      isSignedIn: () => true,
      access: { live: () => 't', drop: () => {} },
      renew: () => Promise.reject(new Error('not asked')),
    });
    expect((await fetch(plain.url)).status).to.equal(401);
    expect([plain.heard.length, renewals()]).to.deep.equal([1, 0]);
    plain.stop();
  });
  it('passes aborts through, before and while it waits for a token', async () => {
    const { fetch } = setUp();
    const early = await fetch(api.url, { signal: AbortSignal.abort() }).catch((why: Error) => why.name);
    const waiting = createSessionFetch({
      url: api.url,
      origins: new Set([api.url]),
      isSignedIn: () => true,
      access: { live: () => undefined, drop: () => {} },
      renew: () => new Promise(() => {}),
    });
    const abort = new AbortController();
    const late = waiting(api.url, { signal: abort.signal }).catch((why: Error) => why.name);
    abort.abort();
    expect([early, await late]).to.deep.equal(['AbortError', 'AbortError']);
    expect(api.heard).to.have.length(0);
  });
  it('streams the answer', async () => {
    const slow = await listen((_heard, response) => {
      response.write('a');
      setTimeout(() => response.end('b'), 20);
    });
    const { fetch } = setUp();
    const reader = (await fetch(slow.url)).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).to.equal('a');
    expect(new TextDecoder().decode((await reader?.read())?.value)).to.equal('b');
    slow.stop();
  });
});
