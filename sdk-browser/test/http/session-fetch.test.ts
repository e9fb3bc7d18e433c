import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createSessionFetch } from '../../src/http/session-fetch.ts';
import { singleFlight } from '../../src/platform/single-flight.ts';

interface ReceivedRequest {
  readonly authorization: string | undefined;
  readonly body: string;
}

const opened: Server[] = [];

async function addressOf(server: Server): Promise<string> {
  opened.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function listen(answer: (received: ReceivedRequest, response: ServerResponse, request: IncomingMessage) => void) {
  const received: ReceivedRequest[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const entry = { authorization: request.headers.authorization, body };
    received.push(entry);
    answer(entry, response, request);
  });
  return { url: await addressOf(server), received };
}

/** Answers each piece of a request's body at once. */
async function openEcho() {
  return { url: await addressOf(createServer((request, response) => void request.pipe(response))) };
}

type Api = Awaited<ReturnType<typeof listen>>;

/** Accepts the token `good`, and says so in RFC 6750's words. */
function guard({ authorization }: ReceivedRequest, response: ServerResponse): void {
  if (authorization === 'Bearer good') return void response.end('hello');
  response.writeHead(401, { 'www-authenticate': 'Bearer realm="latchkey", error="invalid_token"' }).end('no');
}

describe('session fetch', () => {
  let api: Api;
  let other: Api;
  beforeEach(async () => {
    api = await listen(guard);
    other = await listen((_heard, response) => void response.end('other'));
  });
  afterEach(() => {
    for (const server of opened.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  function setUp({
    token = 'good',
    next = ['good'] as string[],
    signedIn = true,
    at = api.url,
    also = [] as string[],
  } = {}) {
    let live: string | undefined = token === '' ? undefined : token;
    let renewals = 0;
    const renew = singleFlight(async () => {
      renewals += 1;
      const fresh = next.shift();
      await Promise.resolve();
      if (fresh === undefined) throw new Error('no more');
      live = fresh;
    });
    const fetch = createSessionFetch({
      url: at,
      origins: new Set([at, ...also]),
      isSignedIn: () => signedIn,
      access: { getValid: () => live },
      renew,
    });
    return { fetch, renewals: () => renewals };
  }

  /** Sends nothing, and keeps what it would have shown. */
  function setUpSpy() {
    const shown: (string | null)[] = [];
    const fetch = createSessionFetch({
      url: api.url,
      origins: new Set([api.url]),
      isSignedIn: () => true,
      access: { getValid: () => 'good' },
      renew: async () => {},
      fetch: async (_input, init) => {
        shown.push(new Headers(init?.headers).get('authorization'));
        return new Response();
      },
    });
    return { fetch, shown };
  }

  it('adds the token for a listed origin', async () => {
    const { fetch } = setUp();
    const response = await fetch(`${api.url}/x`, { headers: { 'x-a': '1' } });
    expect(await response.text()).to.equal('hello');
  });
  it('adds no token for any other origin', async () => {
    const { fetch, renewals } = setUp({ token: '' });
    await (await fetch(other.url)).text();
    expect(other.received[0]?.authorization).to.equal(undefined);
    expect(renewals()).to.equal(0);
  });
  it('resolves a relative URL by the `<base>` of the page', async () => {
    const { fetch, shown } = setUpSpy();
    try {
      for (const baseURI of [`${api.url}/app/`, `${other.url}/`]) {
        Object.assign(globalThis, { document: { baseURI } });
        await fetch('accounts');
      }
      expect(shown).to.deep.equal(['Bearer good', null]);
    } finally {
      Reflect.deleteProperty(globalThis, 'document');
    }
  });
  it('keeps an Authorization header of the caller', async () => {
    const { fetch } = setUp();
    await fetch(new Request(api.url, { headers: { authorization: 'Basic eA==' } }));
    expect(api.received[0]?.authorization).to.equal('Basic eA==');
    expect(api.received).to.have.length(1);
  });
  it('requests a new token first when the old one has expired', async () => {
    const { fetch, renewals } = setUp({ token: '' });
    expect((await fetch(api.url)).status).to.equal(200);
    expect([api.received.length, renewals()]).to.deep.equal([1, 1]);
  });
  it('sends no token while signed out', async () => {
    const { fetch, renewals } = setUp({ token: '', signedIn: false });
    expect((await fetch(api.url)).status).to.equal(401);
    expect([api.received[0]?.authorization, renewals()]).to.deep.equal([undefined, 0]);
  });
  it('rejects when no token can be renewed, and sends nothing', async () => {
    const { fetch } = setUp({ token: '', next: [] });
    expect(await fetch(api.url).catch((why: Error) => why.message)).to.equal('no more');
    expect(api.received).to.have.length(0);
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
      expect(api.received.map(({ authorization }) => authorization)).to.deep.equal(['Bearer old', 'Bearer good']);
      expect(api.received[1]?.body).to.equal(api.received[0]?.body);
      expect(renewals()).to.equal(1);
    });
  }
  it('repeats a request once only', async () => {
    const { fetch } = setUp({ token: 'old', next: ['bad', 'good'] });
    expect((await fetch(api.url)).status).to.equal(401);
    expect(api.received).to.have.length(2);
  });
  async function* pieces() {
    yield new TextEncoder().encode('abc');
  }
  const once: [string, (url: string) => Parameters<typeof globalThis.fetch>][] = [
    ['a stream', (url) => [url, { method: 'POST', body: new Blob(['abc']).stream(), duplex: 'half' } as RequestInit]],
    ['pieces', (url) => [url, { method: 'POST', body: pieces(), duplex: 'half' } as unknown as RequestInit]],
    ['the body of a Request', (url) => [new Request(url, { method: 'POST', body: 'abc' })]],
  ];
  for (const [name, request] of once) {
    it(`does not repeat what can be sent only once: ${name}`, async () => {
      const { fetch, renewals } = setUp({ token: 'old' });
      expect((await fetch(...request(api.url))).status).to.equal(401);
      expect([api.received.length, api.received[0]?.body, renewals()]).to.deep.equal([1, 'abc', 0]);
    });
  }
  it('repeats a Request without a body where browsers do not expose it', async () => {
    const { fetch } = setUp({ token: 'old' });
    const hidden = (init: RequestInit) =>
      Object.defineProperty(new Request(api.url, init), 'body', { value: undefined });
    const posted = await fetch(hidden({ method: 'POST', body: 'abc' }));
    const got = await fetch(hidden({}));
    expect([posted.status, got.status, api.received.length]).to.deep.equal([401, 200, 3]);
  });
  it('adds no token to another window’s Request for any other origin', async () => {
    const { fetch, shown } = setUpSpy();
    // As much of it as counts here: no `instanceof` of this window knows it.
    const foreign = (url: string) => ({ url, method: 'GET', headers: new Headers(), body: null, signal: null });
    for (const url of [other.url, api.url]) await fetch(foreign(url) as unknown as Request);
    expect(shown).to.deep.equal([null, 'Bearer good']);
  });
  it('sends a stream while it is written, and reads the answer during it', async () => {
    const echo = await openEcho();
    const { fetch } = setUp({ at: echo.url });
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const answered = fetch(echo.url, { method: 'POST', body: readable, duplex: 'half' } as RequestInit);
    await writer.write(new TextEncoder().encode('one'));
    const reader = (await answered).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).to.equal('one');
    await writer.write(new TextEncoder().encode('two'));
    expect(new TextDecoder().decode((await reader?.read())?.value)).to.equal('two');
    await writer.close();
    expect((await reader?.read())?.done).to.equal(true);
  });
  it('returns the readable refusal when no new token arrives', async () => {
    const { fetch } = setUp({ token: 'old', next: [] });
    const response = await fetch(api.url);
    expect([response.status, await response.text()]).to.deep.equal([401, 'no']);
  });
  it('keeps the token for other origins when one refuses it and there is no newer one', async () => {
    const grumpy = await listen((_heard, response) => guard({ authorization: undefined, body: '' }, response));
    const { fetch } = setUp({ next: [], also: [grumpy.url] });
    expect((await fetch(grumpy.url)).status).to.equal(401);
    expect((await fetch(api.url)).status).to.equal(200);
  });
  const foreign: Record<string, string | undefined> = {
    'no challenge': undefined,
    'another realm': 'Bearer realm="gateway", error="invalid_token"',
    'no realm': 'Bearer error="invalid_token"',
    'another scheme': 'Basic realm="latchkey", error="invalid_token"',
    'our realm beside another’s error': 'Bearer realm="latchkey", Bearer realm="gateway", error="invalid_token"',
    'our words, quoted': 'Basic realm="Bearer realm=\\"latchkey\\", error=\\"invalid_token\\""',
    'no token shown': 'Bearer realm="latchkey"',
    'a step-up': 'Bearer realm="latchkey", error="insufficient_user_authentication"',
  };
  for (const [name, challenge] of Object.entries(foreign)) {
    it(`returns a 401 unchanged: ${name}`, async () => {
      const plain = await listen((_heard, response) => {
        response.writeHead(401, challenge === undefined ? {} : { 'www-authenticate': challenge }).end('no');
      });
      const { fetch, renewals } = setUp({ at: plain.url });
      for (let turn = 1; turn <= 3; turn += 1) {
        expect(await (await fetch(plain.url)).text()).to.equal('no');
        expect([plain.received.length, renewals()]).to.deep.equal([turn, 0]);
      }
    });
  }
  it('does not renew the token after a 401 of another origin behind a redirect', async () => {
    const otherServer = await listen(guard);
    const redirecting = await listen((_heard, response) => {
      response.writeHead(307, { location: otherServer.url }).end();
    });
    const { fetch, renewals } = setUp({ at: redirecting.url });
    expect((await fetch(redirecting.url)).status).to.equal(401);
    expect([otherServer.received[0]?.authorization, otherServer.received.length, renewals()]).to.deep.equal([
      undefined,
      1,
      0,
    ]);
  });
  it('requests one token when many requests were refused', async () => {
    const { fetch, renewals } = setUp({ token: 'old' });
    const all = await Promise.all(Array.from({ length: 5 }, () => fetch(api.url)));
    expect(all.map(({ status }) => status)).to.deep.equal([200, 200, 200, 200, 200]);
    expect(renewals()).to.equal(1);
  });
  it('rejects when aborted, before and while it waits for a token', async () => {
    const { fetch } = setUp();
    const early = await fetch(api.url, { signal: AbortSignal.abort() }).catch((why: Error) => why.name);
    const waiting = createSessionFetch({
      url: api.url,
      origins: new Set([api.url]),
      isSignedIn: () => true,
      access: { getValid: () => undefined },
      renew: () => new Promise(() => {}),
    });
    const abort = new AbortController();
    const late = waiting(api.url, { signal: abort.signal }).catch((why: Error) => why.name);
    abort.abort();
    expect([early, await late]).to.deep.equal(['AbortError', 'AbortError']);
    expect(api.received).to.have.length(0);
  });
  it('rejects when aborted while it waits for the second token, and sends nothing more', async () => {
    const abort = new AbortController();
    const fetch = createSessionFetch({
      url: api.url,
      origins: new Set([api.url]),
      isSignedIn: () => true,
      access: { getValid: () => 'old' },
      renew: () => {
        abort.abort(new Error('enough'));
        return new Promise(() => {});
      },
    });
    const why = await fetch(new Request(api.url, { signal: abort.signal })).catch((cause: Error) => cause.message);
    expect([why, api.received.length]).to.deep.equal(['enough', 1]);
  });
  it('aborts an answer that is being read, also by the signal of a Request', async () => {
    const endless = await listen((_heard, response) => void response.write('a'));
    const { fetch } = setUp({ at: endless.url });
    const abort = new AbortController();
    const response = await fetch(new Request(endless.url, { signal: abort.signal }));
    const reading = response.text().catch((why: Error) => why.name);
    abort.abort();
    expect(await reading).to.equal('AbortError');
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
  });
});
