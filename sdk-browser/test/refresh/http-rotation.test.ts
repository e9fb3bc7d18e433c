import { type ErrorCode, type Failure, fail } from '@latchkey/contract';
import { expect } from 'chai';
import { createHttpClient, type HttpClient } from '../../src/http/http-client.ts';
import { createDatabaseClockEstimate } from '../../src/platform/database-clock.ts';
import { rotateOverHttp } from '../../src/refresh/http-rotation.ts';
import { createMemoryStorage, createStorageAdapter } from '../../src/tokens/storage-adapter.ts';
import { decodeToken, type StoredToken } from '../../src/tokens/token.ts';
import { createTokenStore } from '../../src/tokens/token-store.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';
import { tokenOf } from '../harness/verdicts.ts';

function held(sid: string, gen: number): StoredToken {
  return decodeToken(tokenOf({ sid, gen, tag: 'A' })) as StoredToken;
}

interface Body {
  readonly refresh_token: string;
  readonly rotation_key: string;
}

function setUp(...answers: (StoredToken | { code: ErrorCode; retryAfterMs?: number; meanwhile?: StoredToken })[]) {
  const timers = createFakeTimers();
  const tokenStore = createTokenStore(createStorageAdapter(createMemoryStorage(), 'p:'));
  tokenStore.store(held('s', 1), { fresh: true });
  const shown: Body[] = [];
  const ended: string[] = [];
  const postJson = async (_path: string, body: () => unknown) => {
    shown.push(body() as Body);
    const next = answers.shift();
    if (next === undefined) throw fail('unavailable');
    if ('token' in next) return { access_token: 'a', expires_in: 300, refresh_token: next.token };
    if (next.meanwhile !== undefined) tokenStore.store(next.meanwhile, { fresh: true });
    throw fail(next.code, { retryAfterMs: next.retryAfterMs });
  };
  const ready = { postJson } as unknown as HttpClient;
  // Time passes by itself: a wait is over as soon as it is asked for.
  const impatient = {
    now: timers.now,
    after: (ms: number, run: () => void) => {
      timers.sleep(ms);
      queueMicrotask(run);
      return () => {};
    },
  };
  const run = (http = ready) =>
    rotateOverHttp({
      http,
      tokenStore,
      databaseClock: createDatabaseClockEstimate(timers),
      timers: impatient,
      random: () => 0,
      onEnded: (_sid, reason) => ended.push(reason),
    });
  const codeOf = () =>
    run().then(
      () => 'ok',
      ({ code }: { code: string }) => code,
    );
  return { tokenStore, shown, ended, run, codeOf, timers };
}

describe('rotateOverHttp', () => {
  it('presents the token with its key and stores the next one', async () => {
    const { tokenStore, shown, run } = setUp(held('s', 2));
    expect(await run()).to.include({ access_token: 'a' });
    expect(shown[0]).to.include({ grant_type: 'refresh_token', refresh_token: held('s', 1).token });
    expect(shown[0]?.rotation_key).to.match(/^[\w-]{22}$/);
    expect(tokenStore.read()?.gen).to.equal(2);
  });
  it('retries with the same key while the service answers with Retry-After', async () => {
    const { shown, codeOf } = setUp(
      { code: 'unavailable', retryAfterMs: 1_000 },
      { code: 'rotation_contended' },
      held('s', 2),
    );
    expect(await codeOf()).to.equal('ok');
    expect(shown).to.have.length(3);
    expect(new Set(shown.map(({ rotation_key }) => rotation_key)).size).to.equal(1);
  });
  it('reads the token again in each request after its proof was made', async () => {
    const { tokenStore, run } = setUp();
    const shown: Body[] = [];
    const later = (gen: number) => tokenStore.store(held('s', gen), { fresh: false });
    const http = createHttpClient({
      url: 'https://id.example.com',
      timers: createFakeTimers(),
      fetch: async (_address, init) => {
        shown.push(JSON.parse(String(init?.body)));
        return Response.json({ access_token: 'a', expires_in: 300, refresh_token: held('s', 4).token });
      },
      prover: {
        async send(_request, attempt) {
          await Promise.resolve(later(2));
          await attempt('a proof');
          await Promise.resolve(later(3));
          return attempt('one with a nonce');
        },
      },
    });
    await run(http);
    expect(shown.map(({ refresh_token }) => refresh_token)).to.deep.equal([held('s', 2).token, held('s', 3).token]);
    expect(shown[0]?.rotation_key).to.not.equal(shown[1]?.rotation_key);
    expect(tokenStore.read()?.gen).to.equal(4);
  });
  it('sends nothing when the token was erased before the request', async () => {
    const { tokenStore, run } = setUp();
    let sent = 0;
    const http = createHttpClient({
      url: 'https://id.example.com',
      timers: createFakeTimers(),
      fetch: async () => {
        sent += 1;
        return Response.json({});
      },
      prover: {
        async send(_request, attempt) {
          await Promise.resolve(tokenStore.erase('s', 'logout'));
          return attempt('a proof');
        },
      },
    });
    expect(await run(http).catch(({ code }: Failure) => code)).to.equal('unauthenticated');
    expect(sent).to.equal(0);
  });
  it('rejects after twelve seconds', async () => {
    const patience = Array.from({ length: 99 }, () => ({ code: 'unavailable' as const, retryAfterMs: 1_000 }));
    const { shown, codeOf, timers, tokenStore } = setUp(...patience);
    expect(await codeOf()).to.equal('unavailable');
    expect(shown).to.have.length(13);
    expect(timers.now()).to.be.at.most(12_000);
    expect(tokenStore.read()?.gen).to.equal(1);
  });
  it('does not retry a failure without Retry-After', async () => {
    const { shown, codeOf } = setUp();
    expect(await codeOf()).to.equal('unavailable');
    expect(shown).to.have.length(1);
  });
  it('quarantines the token only when no other tab has a newer one', async () => {
    const over = setUp({ code: 'token_reused' });
    expect([await over.codeOf(), over.ended, over.tokenStore.read()]).to.deep.equal([
      'token_reused',
      ['token_reused'],
      undefined,
    ]);
    const adopted = setUp({ code: 'token_reused', meanwhile: held('s', 4) }, held('s', 5));
    expect([await adopted.codeOf(), adopted.ended, adopted.tokenStore.read()?.gen]).to.deep.equal(['ok', [], 5]);
  });
  it('does not store the token of a session that was erased during the request', async () => {
    const { run, tokenStore } = setUp(held('s', 2));
    const running = run().catch(({ code }: { code: string }) => code);
    tokenStore.erase('s', 'logout');
    expect([await running, tokenStore.read()]).to.deep.equal(['unauthenticated', undefined]);
  });
});
