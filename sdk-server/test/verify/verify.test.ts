import type { Failure } from '@latchkey/contract';
import { createRemoteKeySet, type KeySet } from '@latchkey/core';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import type { FeedState } from '../../src/client/revocation-reader.ts';
import { createVerifier, type Verifier } from '../../src/verify/verify.ts';
import { type ScriptedService, sessionId, startScriptedService, userId } from '../client/scripted-service.ts';

describe('verify', () => {
  const fresh: FeedState = { isReady: true, ageMs: 10, isStale: false, cursor: { epoch: 'e1', seq: 0 } };
  let service: ScriptedService;
  let verifier: Verifier;
  let feed: FeedState;
  let ended: Set<string>;
  let offsetMs: number;

  function create(policy: 'allow' | 'deny' = 'allow', keys?: KeySet): Verifier {
    const real = createSystemClock();
    const clock = { ...real, now: () => real.now() + offsetMs, monotonic: () => real.monotonic() + offsetMs };
    return createVerifier({
      keys: keys ?? createRemoteKeySet({ url: service.url, clock }),
      names: () => ({ issuer: service.url, audience: service.url }),
      now: clock.now,
      policy,
      feed: () => feed,
      endedReason: (sid) => (ended.has(sid) ? 'logout' : undefined),
      introspectionClient: { isActive: neverAsked, endedReason: neverAsked },
      cacheSize: 10,
    });
  }
  const verify = async (...shown: Parameters<Verifier['verify']>) => verifier.verify(...shown);
  const neverAsked = () => Promise.reject(new Error('nobody should ask'));

  beforeEach(async () => {
    service = await startScriptedService();
    feed = fresh;
    ended = new Set();
    offsetMs = 0;
    verifier = create();
  });

  afterEach(() => service.stop());

  it('returns the claims, with those of the claim hook', async () => {
    const claims = await verifier.verify(await service.token({ role: 'teller', scope: 'read' }));
    expect(claims).to.deep.include({ sub: userId, sid: sessionId, tid: 'tenant-1', role: 'teller', scope: 'read' });
  });

  it('returns deeply frozen claims', async () => {
    const token = await service.token({ roles: ['teller'], place: { branch: { code: 7 } } });
    const claims = await verifier.verify(token);
    expect(() => (claims.roles as string[]).push('admin')).to.throw(TypeError);
    expect(() => Object.assign((claims.place as { branch: object }).branch, { code: 8 })).to.throw(TypeError);
    expect(() => Object.assign(claims, { sub: 'else' })).to.throw(TypeError);
    expect(await verifier.verify(token)).to.deep.include({ roles: ['teller'], place: { branch: { code: 7 } } });
  });

  it('refuses a token with the signature of a remembered one and other claims', async () => {
    const [header, payload, signature] = (await service.token()).split('.');
    await verifier.verify(`${header}.${payload}.${signature}`);
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString());
    const forged = Buffer.from(JSON.stringify({ ...claims, scope: 'admin' })).toString('base64url');
    expect(await codeOf(verify(`${header}.${forged}.${signature}`))).to.equal('unauthenticated');
  });

  it('refuses a token of a key that is not published', async () => {
    await service.newKey('forged', { published: false });
    expect(await codeOf(verify(await service.token()))).to.equal('unauthenticated');
  });

  it('returns the claims of tokens of two keys in turn', async () => {
    const ofFirst = await service.token({ jti: 'a' });
    const alsoOfFirst = await service.token({ jti: 'b' });
    await service.newKey('k2', { published: true });
    const ofSecond = await service.token({ jti: 'c' });
    for (const [token, jti] of [
      [ofFirst, 'a'],
      [ofSecond, 'c'],
      [alsoOfFirst, 'b'],
    ] as const)
      expect((await verifier.verify(token)).jti).to.equal(jti);
  });

  it('refuses a token of another type, a token that is too long and what is no text, also after a good token', async () => {
    const [header, payload, signature] = (await service.token()).split('.');
    await verifier.verify(`${header}.${payload}.${signature}`);
    const typed = { ...JSON.parse(Buffer.from(header!, 'base64url').toString()), typ: 'dpop+jwt' };
    const other = Buffer.from(JSON.stringify(typed)).toString('base64url');
    const shown = [`${other}.${payload}.${signature}`, `${header}.${'a'.repeat(20_000)}.${signature}`, 7];
    for (const token of shown) {
      const failure = await verify(token as string).catch((error: Failure) => error);
      expect(failure).to.include({ code: 'unauthenticated', reason: 'token_malformed' });
    }
  });

  it('refuses the token of an ended session, cached or not', async () => {
    const token = await service.token();
    await verifier.verify(token);
    ended.add(sessionId);
    expect(await codeOf(verify(token))).to.equal('unauthenticated');
    expect(await codeOf(verify(await service.token({ jti: 'j2' })))).to.equal('unauthenticated');
  });

  it('refuses a cached token after it expired', async () => {
    const token = await service.token();
    await verifier.verify(token);
    offsetMs = 306_000;
    expect(await codeOf(verify(token))).to.equal('unauthenticated');
  });

  it('caches no token that was verified by keys which changed meanwhile', async () => {
    const keys = createRemoteKeySet({ url: service.url, clock: createSystemClock() });
    const slow: KeySet = {
      ...keys,
      async find(kid) {
        const found = await keys.find(kid);
        verifier.clearCache();
        return found;
      },
    };
    verifier = create('allow', slow);
    const token = await service.token();
    await verifier.verify(token);
    service.takeBack('k1');
    await keys.reload();
    expect(await codeOf(verify(token))).to.equal('unauthenticated');
  });

  it('refuses every token before the first revocation list', async () => {
    feed = { isReady: false, ageMs: Number.POSITIVE_INFINITY, isStale: true, cursor: undefined };
    expect(await codeOf(verify(await service.token()))).to.equal('revocations_not_ready');
  });

  it('applies its policy while the list is stale, and the policy of the call before its own', async () => {
    const token = await service.token();
    feed = { ...fresh, ageMs: 6_000, isStale: true };
    expect((await verifier.verify(token)).sid).to.equal(sessionId);
    expect(await codeOf(verify(token, { policy: 'deny' }))).to.equal('revocations_stale');
    const strict = create('deny');
    expect(await codeOf(Promise.resolve().then(() => strict.verify(token)))).to.equal('revocations_stale');
    expect((await strict.verify(token, { policy: 'allow' })).sid).to.equal(sessionId);
  });

  describe('key set', () => {
    it('is fetched once for concurrent callers and for all later ones', async () => {
      const tokens = await Promise.all(['a', 'b', 'c'].map((jti) => service.token({ jti })));
      await Promise.all(tokens.map((token) => verifier.verify(token)));
      await verifier.verify(await service.token({ jti: 'd' }));
      expect(service.jwksFetches()).to.equal(1);
    });

    it('is kept when the service is unavailable', async () => {
      await verifier.verify(await service.token());
      service.jwks = (response) => response.writeHead(503).end();
      offsetMs = 60_000;
      expect((await verifier.verify(await service.token({ jti: 'j2' }))).jti).to.equal('j2');
    });

    it('that cannot be read rejects with unavailable, and is not fetched again at once', async () => {
      service.jwks = (response) => response.writeHead(503).end();
      const token = await service.token();
      expect(await codeOf(verify(token))).to.equal('unavailable');
      expect(await codeOf(verify(token))).to.equal('unavailable');
      expect(service.jwksFetches()).to.equal(1);
    });

    it('that is malformed rejects with unavailable', async () => {
      service.jwks = (response) => response.end('{"keys":7}');
      for (const jti of ['a', 'b']) expect(await codeOf(verify(await service.token({ jti })))).to.equal('unavailable');
      expect(service.jwksFetches()).to.equal(1);
    });

    it('is not fetched again for every unknown kid', async () => {
      await verifier.verify(await service.token());
      await service.newKey('forged', { published: false });
      for (const jti of ['a', 'b', 'c']) await codeOf(verify(await service.token({ jti })));
      expect(service.jwksFetches()).to.equal(1);
    });
  });
});
