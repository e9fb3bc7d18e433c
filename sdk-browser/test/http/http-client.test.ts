import { expect } from 'chai';
import { createHttpClient } from '../../src/http/http-client.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

function answering(response: Response | (() => Promise<Response>)) {
  const calls: { url: string; init: RequestInit }[] = [];
  const timers = createFakeTimers();
  const fetch = (async (url: string, init: RequestInit) => {
    calls.push({ url, init });
    return typeof response === 'function' ? response() : response;
  }) as typeof globalThis.fetch;
  return { http: createHttpClient({ url: 'https://id.example.com', timers, fetch }), calls, timers };
}

function problem(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status, headers });
}

describe('createHttpClient', () => {
  const table: [string, Response, string, number?][] = [
    ['a problem', problem(401, { code: 'invalid_credentials' }), 'invalid_credentials'],
    [
      'an OAuth error with a code of ours',
      problem(400, { error: 'invalid_grant', code: 'token_reused' }),
      'token_reused',
    ],
    ['an OAuth error', problem(400, { error: 'invalid_grant' }), 'session_revoked'],
    [
      'temporarily_unavailable',
      problem(503, { error: 'temporarily_unavailable' }, { 'retry-after': '2' }),
      'unavailable',
      2_000,
    ],
    ['a limit', problem(429, {}, { 'retry-after': '7' }), 'rate_limited', 7_000],
    ['a limit with its own words', problem(429, { code: 'rate_limited', retry_after_ms: 300 }), 'rate_limited', 300],
    ['a gateway', problem(502, '<html>'), 'unavailable'],
    ['a code of a newer service', problem(400, { code: 'of_a_newer_service' }), 'of_a_newer_service'],
    ['what is no code', problem(400, { code: 'no code', error: 'toString' }), 'invalid_request'],
    ['null', problem(500, 'null'), 'unavailable'],
    ['a page instead of an answer', problem(200, '<html>'), 'unavailable'],
    ['half an answer', problem(200, '{"code":'), 'unavailable'],
    ['null instead of an answer', problem(200, 'null'), 'unavailable'],
    ['text instead of an answer', problem(200, '"ok"'), 'unavailable'],
  ];
  for (const [name, response, code, retryAfterMs] of table) {
    it(`rejects with ${code} for ${name}`, async () => {
      const cause = await answering(response)
        .http.postJson('/x', {})
        .catch((why: unknown) => why);
      expect(cause).to.include({ code, retryAfterMs });
    });
  }
  const sentences: [string, object, string][] = [
    [
      'the detail',
      { code: 'weak_password', title: 'Too weak.', detail: 'It holds the address.' },
      'It holds the address.',
    ],
    ['the title', { code: 'invalid_credentials', title: 'Email or password is wrong.' }, 'Email or password is wrong.'],
    ['what OAuth describes', { code: 'token_reused', error_description: 'It was used.' }, 'It was used.'],
    ['the code, where there is no sentence', { code: 'forbidden', detail: '', title: 7 }, 'forbidden'],
  ];
  for (const [name, body, message] of sentences) {
    it(`uses ${name} as message`, async () => {
      const { http } = answering(problem(400, { ...body, request_id: 'r1' }));
      const failure = await http.postJson('/x', {}).catch((why: unknown) => why);
      expect(failure).to.include({ message, detail: 'request_id r1' });
    });
  }
  it('rejects with unavailable when there is no answer, or none in time', async () => {
    const refused = answering(() => Promise.reject(new TypeError('fetch failed')));
    expect(await refused.http.postJson('/x', {}).catch((why: unknown) => why)).to.include({ code: 'unavailable' });
    const { http, calls, timers } = answering(
      () =>
        new Promise((_, reject) =>
          calls[0]?.init.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        ),
    );
    const hanging = http.postJson('/x', {}).catch((why: unknown) => why);
    timers.advance(15_000);
    expect(await hanging).to.include({ code: 'unavailable' });
  });
  it('ignores an answer that a frozen page reads too late', async () => {
    const { http, timers } = answering(() => {
      timers.sleep(16_000);
      return Promise.resolve(new Response('{"refresh_token":"a"}'));
    });
    expect(await http.postJson('/x', {}).catch((why: unknown) => why)).to.include({ code: 'unavailable' });
  });
  it('reports the time in answers and refusals, with the time at which each request was sent', async () => {
    const learned: unknown[] = [];
    const timers = createFakeTimers();
    const answers = [Response.json({ now: 5_000 }), problem(503, { code: 'busy', now: 6_000 }), problem(502, '<html>')];
    const http = createHttpClient({
      ...{ url: 'https://id.example.com', timers },
      databaseClock: { learn: (now, sentAt) => void learned.push([now, sentAt]) },
      fetch: async () => answers.shift()!,
    });
    await http.postJson('/x', {});
    timers.sleep(100);
    for (const _ of [1, 2]) await http.postJson('/x', {}).catch(() => {});
    expect(learned).to.deep.equal([
      [5_000, 0],
      [6_000, 100],
      [undefined, 100],
    ]);
  });
  it('sends JSON or a form without cookies, and keeps no timer', async () => {
    const { http, calls, timers } = answering(() => Promise.resolve(new Response('{"a":1}')));
    expect(await http.postJson('/x', { b: 2 }, 'tok')).to.deep.equal({ a: 1 });
    await http.postForm('/y', { token: 'a b' });
    expect(calls.map(({ url, init }) => [url, init.body, init.credentials])).to.deep.equal([
      ['https://id.example.com/x', '{"b":2}', 'omit'],
      ['https://id.example.com/y', 'token=a+b', 'omit'],
    ]);
    expect(calls[0]?.init.headers).to.include({ authorization: 'Bearer tok' });
    expect(timers.pending).to.equal(0);
  });
});
