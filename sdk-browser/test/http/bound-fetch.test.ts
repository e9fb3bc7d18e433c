import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { createHttpClient } from '../../src/http/http-client.ts';
import { createSessionFetch } from '../../src/http/session-fetch.ts';
import type { ProofUse } from '../../src/proof/make-proof.ts';
import { createProofSender } from '../../src/proof/proof-sender.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

interface ReceivedRequest {
  readonly authorization: string | undefined;
  readonly proof: ProofUse | undefined;
  readonly body: string;
}

function accessToken(name: string, cnf?: object): string {
  return ['x', Buffer.from(JSON.stringify({ name, cnf })).toString('base64url'), 'x'].join('.');
}
const bound = accessToken('bound', { jkt: 'thumbprint' });
const next = accessToken('next', { jkt: 'thumbprint' });
const unbound = accessToken('unbound');

/** A proof that says in clear what it is for. */
function readProof({ dpop }: IncomingHttpHeaders): ProofUse | undefined {
  return dpop === undefined ? undefined : JSON.parse(Buffer.from(String(dpop), 'base64url').toString());
}
const prove = async (use: ProofUse): Promise<string> => Buffer.from(JSON.stringify(use)).toString('base64url');

function refuse(response: ServerResponse, error: string, nonce?: string): void {
  const challenge = `DPoP realm="latchkey", algs="ES256", error="${error}"`;
  response.writeHead(401, { 'www-authenticate': challenge, ...(nonce === undefined ? {} : { 'dpop-nonce': nonce }) });
  response.end('no');
}

async function listen(answer: (received: ReceivedRequest, response: ServerResponse) => void) {
  const received: ReceivedRequest[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const entry = { authorization: request.headers.authorization, proof: readProof(request.headers), body };
    received.push(entry);
    answer(entry, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, received, stop };
}

describe('requests of a bound session', () => {
  const open: { stop(): void }[] = [];
  afterEach(() => {
    for (const server of open.splice(0)) server.stop();
  });

  async function setUp({ token = bound, renewed = next } = {}, ...answers: ((response: ServerResponse) => void)[]) {
    const api = await listen((_heard, response) => (answers.shift() ?? (() => response.end('hello')))(response));
    open.push(api);
    let live: string | undefined = token;
    let renewals = 0;
    const prover = { send: createProofSender(prove) };
    const fetch = createSessionFetch({
      url: api.url,
      origins: new Set([api.url]),
      prover,
      isSignedIn: () => true,
      access: { getValid: () => live },
      renew: async () => {
        renewals += 1;
        live = renewed;
      },
    });
    return { ...api, fetch, prover, renewals: () => renewals };
  }

  it('have a proof for exactly this request and token', async () => {
    const { fetch, received, url } = await setUp();
    await fetch(`${url}/a?b`, { method: 'put', body: 'x' });
    expect(received[0]).to.deep.include({
      authorization: `DPoP ${bound}`,
      proof: { method: 'PUT', url: `${url}/a?b`, credential: bound },
    });
  });
  it('use the method of a Request', async () => {
    const { fetch, received, url } = await setUp();
    await fetch(new Request(url, { method: 'DELETE' }));
    expect(received[0]?.proof?.method).to.equal('DELETE');
  });
  it('use Bearer when the token is not bound', async () => {
    const { fetch, received, url } = await setUp({ token: unbound });
    await fetch(url);
    expect(received[0]).to.include({ authorization: `Bearer ${unbound}`, proof: undefined });
  });
  it('are repeated once with the nonce of the answer, which later requests use as well', async () => {
    const { fetch, received, url, renewals } = await setUp({}, (response) => refuse(response, 'use_dpop_nonce', 'n1'));
    expect((await fetch(url, { method: 'POST', body: 'abc' })).status).to.equal(200);
    await fetch(url);
    expect(received.map(({ proof, body }) => [proof?.nonce, body])).to.deep.equal([
      [undefined, 'abc'],
      ['n1', 'abc'],
      ['n1', ''],
    ]);
    expect(renewals()).to.equal(0);
  });
  it('have the newest nonce of their origin', async () => {
    const { fetch, received, url, prover } = await setUp({}, (response) => {
      response.writeHead(200, { 'dpop-nonce': 'n1' }).end();
    });
    await fetch(url);
    await fetch(url);
    expect(received[1]?.proof?.nonce).to.equal('n1');
    const uses: (string | undefined)[] = [];
    await prover.send({ method: 'GET', url: 'https://other.example', mayRepeat: true }, async (proof) => {
      uses.push(JSON.parse(Buffer.from(proof ?? '', 'base64url').toString()).nonce);
      return new Response();
    });
    expect(uses).to.deep.equal([undefined]);
  });
  it('return the refusal when a fresh nonce is refused as well', async () => {
    let count = 0;
    const api = await listen((_heard, response) => {
      count += 1;
      refuse(response, 'use_dpop_nonce', `n${count}`);
    });
    open.push(api);
    const { prover } = await setUp();
    const access = { getValid: () => bound, drop: () => {} };
    const renew = () => Promise.reject(new Error('not asked'));
    const fetch = createSessionFetch({
      url: api.url,
      origins: new Set([api.url]),
      prover,
      access,
      renew,
      isSignedIn: () => true,
    });
    const response = await fetch(api.url);
    expect([response.status, await response.text(), count]).to.deep.equal([401, 'no', 2]);
  });
  it('are not repeated when they can be sent only once', async () => {
    const { fetch, received, url } = await setUp({}, (response) => refuse(response, 'use_dpop_nonce', 'n1'));
    const init = { method: 'POST', body: new Blob(['abc']).stream(), duplex: 'half' } as RequestInit;
    expect((await fetch(url, init)).status).to.equal(401);
    expect(received).to.have.length(1);
  });
  const foreign: [string, Record<string, string>][] = [
    ['a nonce of the challenge of another server', { 'www-authenticate': 'DPoP realm="x", error="use_dpop_nonce"' }],
    ['no nonce that a page may read', { 'www-authenticate': 'DPoP realm="latchkey", error="use_dpop_nonce"' }],
    ['a bad proof', { 'www-authenticate': 'DPoP realm="latchkey", error="invalid_dpop_proof"' }],
    ['no challenge', {}],
  ];
  for (const [name, headers] of foreign) {
    it(`return a 401 unchanged: ${name}`, async () => {
      const nonce = name.startsWith('no nonce') ? {} : { 'dpop-nonce': 'n1' };
      const { fetch, received, url, renewals } = await setUp({}, (response) => {
        response.writeHead(401, { ...headers, ...nonce }).end('no');
      });
      expect(await (await fetch(url)).text()).to.equal('no');
      expect([received.length, renewals()]).to.deep.equal([1, 0]);
    });
  }
  it('are repeated with a new token when the old one is refused, also after a request for a nonce', async () => {
    const { fetch, received, url, renewals } = await setUp(
      {},
      (response) => refuse(response, 'invalid_token'),
      (response) => refuse(response, 'use_dpop_nonce', 'n1'),
    );
    expect((await fetch(url)).status).to.equal(200);
    expect(received.map(({ authorization }) => authorization)).to.deep.equal([
      `DPoP ${bound}`,
      `DPoP ${next}`,
      `DPoP ${next}`,
    ]);
    expect(renewals()).to.equal(1);
  });
  it('reject when aborted, also between the two requests', async () => {
    const abort = new AbortController();
    const { fetch, received, url } = await setUp({}, (response) => {
      refuse(response, 'use_dpop_nonce', 'n1');
      abort.abort();
    });
    expect(await fetch(url, { signal: abort.signal }).catch(({ name }: Error) => name)).to.equal('AbortError');
    expect(received).to.have.length(1);
  });

  describe('to the service', () => {
    const challenged = (response: ServerResponse): void => {
      response.writeHead(400, { 'content-type': 'application/json', 'dpop-nonce': 'n1' });
      response.end(JSON.stringify({ error: 'use_dpop_nonce' }));
    };
    const accepted = (response: ServerResponse): void => void response.end('{}');

    it('have a proof at the token endpoint with the requested nonce', async () => {
      const { url, received, prover } = await setUp({}, challenged, accepted);
      await createHttpClient({ url, timers: createFakeTimers(), prover }).postJson('/oauth/token', { a: 1 });
      const proof = { method: 'POST', url: `${url}/oauth/token` };
      expect(received).to.deep.equal([
        { authorization: undefined, proof, body: '{"a":1}' },
        { authorization: undefined, proof: { ...proof, nonce: 'n1' }, body: '{"a":1}' },
      ]);
    });
    it('have a proof with an access token, and none without one', async () => {
      const { url, received, prover } = await setUp({}, accepted, accepted);
      const http = createHttpClient({ url, timers: createFakeTimers(), prover });
      await http.postJson('/logout', {}, bound);
      await http.postForm('/oauth/revoke', { token: 't' });
      expect(received[0]).to.deep.include({
        authorization: `DPoP ${bound}`,
        proof: { method: 'POST', url: `${url}/logout`, credential: bound },
      });
      expect(received[1]).to.include({ authorization: undefined, proof: undefined });
    });
    it('reject with proof_invalid when the proof is refused', async () => {
      const { url, prover } = await setUp({}, (response) => {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: 'invalid_dpop_proof' }));
      });
      const http = createHttpClient({ url, timers: createFakeTimers(), prover });
      const code = await http.postJson('/oauth/token', {}).catch((why: { code: string }) => why.code);
      expect(code).to.equal('proof_invalid');
    });
  });
});
