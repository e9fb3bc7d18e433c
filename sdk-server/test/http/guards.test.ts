import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { AccessClaims } from '@latchkey/contract';
import { fail } from '@latchkey/contract';
import { createProofs } from '@latchkey/core';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { address, createProofMaker, hashOf, type ProofMaker } from '../../../test-kit/client/proof-maker.ts';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { createRequestAuthenticator, type RouteOptions } from '../../src/http/authenticate.ts';
import { createExpressGuard } from '../../src/http/express.ts';
import { createFastifyGuard } from '../../src/http/fastify.ts';
import { type Guard, maxAuthAge, requireScope } from '../../src/http/guards.ts';
import { createKoaGuard } from '../../src/http/koa.ts';
import { createNodeGuard } from '../../src/http/node.ts';

const now = Math.floor(Date.now() / 1_000);
/** As the service issues them. */
const claims: AccessClaims = {
  ...{ iss: 'https://id.test', aud: 'https://id.test', client_id: 'latchkey', jti: 'jti-1' },
  ...{ sub: 'user-1', sid: 'sid-1', tid: 'default', amr: ['pwd'] },
  ...{ iat: now - 10, exp: now + 290, auth_time: now - 100 },
  scope: 'read write',
};
const logged: unknown[] = [];
const silentRefusals = { report: () => false, explain: () => undefined };

const maker = await createProofMaker();
const proofs = createProofs({ clock: createSystemClock() });

/** A good proof of `GET <public URL>/` for the token `bound`, or one with other claims. */
const proofOf = (change: object = {}, by: ProofMaker = maker) =>
  by.make({ htu: 'https://api.test/v1/', ath: hashOf('bound'), ...change });

const authenticate = createRequestAuthenticator({
  async verify(token, { policy } = {}) {
    if (token === 'good') return claims;
    if (token === 'bound') return { ...claims, cnf: { jkt: maker.jkt } };
    if (token === 'broken') throw new Error(`cannot check ${token}`);
    throw fail(policy === 'deny' ? 'revocations_stale' : 'unauthenticated', { detail: 'only for logs' });
  },
  proofs,
  publicUrl: 'https://api.test/v1',
  clock: createSystemClock(),
  refusals: silentRefusals,
  log: { warn: () => {}, error: (fields) => logged.push(fields) },
});

interface Running {
  readonly port: number;
  stop(): Promise<unknown>;
}

async function serve(listener: RequestListener): Promise<Running> {
  const server: Server = createServer(listener);
  await listen(server);
  const port = portOf(server);
  return { port, stop: () => new Promise((resolve) => server.close(resolve)) };
}

/** Each app with so many guards before its route, all of the same options. */
const apps: Record<string, (options?: RouteOptions, guards?: number) => Promise<Running>> = {
  express(options, guards = 1) {
    const app = express();
    for (let at = 0; at < guards; at += 1) app.use(createExpressGuard(authenticate, options));
    app.get('/', (req, res) => void res.json((req as { auth?: AccessClaims }).auth));
    return serve(app);
  },
  koa(options, guards = 1) {
    const app = new Koa();
    for (let at = 0; at < guards; at += 1) app.use(createKoaGuard(authenticate, options));
    app.use((ctx) => {
      ctx.body = ctx.state.auth;
    });
    return serve(app.callback());
  },
  async fastify(options, guards = 1) {
    const app = fastify();
    for (let at = 0; at < guards; at += 1) app.addHook('onRequest', createFastifyGuard(authenticate, options));
    app.get('/', async (request) => (request as { auth?: AccessClaims }).auth);
    await app.listen({ port: 0, host: '127.0.0.1' });
    return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() };
  },
  node(options, guards = 1) {
    const guard = createNodeGuard(authenticate, options);
    return serve(async (request, response) => {
      let auth: AccessClaims | undefined;
      for (let at = 0; at < guards; at += 1) {
        auth = await guard(request, response);
        if (auth === undefined) return;
      }
      response.end(JSON.stringify(auth));
    });
  },
};

for (const [name, start] of Object.entries(apps)) {
  describe(`guard for ${name}`, () => {
    let app: Running | undefined;

    async function ask(authorization?: string, options?: RouteOptions, proof?: string, guards?: number) {
      app = await start(options, guards);
      const headers: Record<string, string> = { connection: 'close' };
      if (authorization !== undefined) headers.authorization = authorization;
      if (proof !== undefined) headers.dpop = proof;
      const answer = await fetch(`http://127.0.0.1:${app.port}/`, { headers });
      return {
        status: answer.status,
        challenge: answer.headers.get('www-authenticate'),
        type: answer.headers.get('content-type'),
        headers: answer.headers,
        body: (await answer.json()) as Record<string, unknown>,
      };
    }

    afterEach(() => app?.stop());

    it('passes the caller to the route', async () => {
      const { status, body } = await ask('Bearer good');
      expect([status, body.sub]).to.deep.equal([200, 'user-1']);
    });

    it('answers a request without a token with a challenge without an error (RFC 6750 §3)', async () => {
      const { status, challenge, type, body, headers } = await ask();
      expect([status, body.code]).to.deep.equal([401, 'unauthenticated']);
      expect(challenge).to.equal('Bearer realm="latchkey"');
      expect(type).to.match(/^application\/problem\+json/);
      expect(headers.get('cache-control')).to.equal('no-store');
      expect(body).to.have.keys('type', 'title', 'status', 'code', 'request_id');
    });

    it('treats another scheme as no token', async () => {
      const { status, challenge } = await ask('Basic Z29vZA==');
      expect([status, challenge]).to.deep.equal([401, 'Bearer realm="latchkey"']);
    });

    for (const shown of ['Bearer bad', 'Bearer', 'Bearer a b']) {
      it(`refuses "${shown}" as invalid_token`, async () => {
        const { status, challenge } = await ask(shown);
        expect([status, challenge]).to.deep.equal([401, 'Bearer realm="latchkey", error="invalid_token"']);
      });
    }

    it('accepts the scheme in any case', async () => {
      expect((await ask('bEARER good')).status).to.equal(200);
    });

    it('answers Retry-After while the revocation list is stale and the policy of the route is deny', async () => {
      const { status, challenge, headers, body } = await ask('Bearer bad', { policy: 'deny' });
      expect([status, challenge, body.code]).to.deep.equal([503, null, 'revocations_stale']);
      expect(headers.get('retry-after')).to.equal('1');
    });

    it('accepts a granted scope and refuses another with insufficient_scope', async () => {
      expect((await ask('Bearer good', { require: [requireScope('write')] })).status).to.equal(200);
      await app?.stop();
      const { status, challenge, body } = await ask('Bearer good', { require: [requireScope('admin')] });
      expect([status, body.code]).to.deep.equal([403, 'insufficient_scope']);
      expect(challenge).to.equal('Bearer realm="latchkey", error="insufficient_scope", scope="admin"');
      expect(body.detail).to.equal('This route needs the scope admin.');
    });

    it('answers with the message of a condition of the app as detail, as on sockets', async () => {
      const ownersOnly = () => {
        throw fail('forbidden', { message: 'Only owners.', details: [{ path: 'id', message: 'of another' }] });
      };
      const { body } = await ask('Bearer good', { require: [Object.assign(ownersOnly, { challenge: {} })] });
      expect(body).to.include({ title: 'You have no permission for this.', detail: 'Only owners.' });
      expect(body.errors).to.deep.equal([{ path: 'id', message: 'of another' }]);
    });

    it('requires a more recent sign-in (RFC 9470)', async () => {
      expect((await ask('Bearer good', { require: [maxAuthAge(900)] })).status).to.equal(200);
      await app?.stop();
      const { status, challenge, body } = await ask('Bearer good', { require: [maxAuthAge(60)] });
      expect([status, body.code]).to.deep.equal([401, 'reauthentication_required']);
      expect(challenge).to.equal('Bearer realm="latchkey", error="insufficient_user_authentication", max_age="60"');
    });

    it('accepts a bound token with a proof by its key, and sends the newest nonce (RFC 9449)', async () => {
      const { status, body, headers } = await ask('dpop bound', {}, await proofOf());
      expect([status, body.sub, headers.get('dpop-nonce')]).to.deep.equal([200, 'user-1', proofs.nonce()]);
      await app?.stop();
      expect((await ask('DPoP bound', {}, await proofOf({ iat: 5, nonce: proofs.nonce() }))).status).to.equal(200);
      await app?.stop();
      expect((await ask('Bearer good')).headers.get('dpop-nonce')).to.equal(null);
    });

    it('refuses a bound token without its proof, with a challenge of the DPoP scheme', async () => {
      const other = await createProofMaker();
      const cases: [string, string, string | undefined, string, string][] = [
        ['alone', 'Bearer bound', undefined, 'proof_required', 'invalid_token'],
        ['with a proof, but as Bearer', 'Bearer bound', await proofOf(), 'proof_required', 'invalid_token'],
        ['no proof', 'DPoP bound', undefined, 'proof_required', 'invalid_dpop_proof'],
        ['garbage', 'DPoP bound', 'x.y.z', 'proof_invalid', 'invalid_dpop_proof'],
        ['another key', 'DPoP bound', await proofOf({}, other), 'proof_invalid', 'invalid_dpop_proof'],
        ['another method', 'DPoP bound', await proofOf({ htm: 'POST' }), 'proof_invalid', 'invalid_dpop_proof'],
        ['no public URL', 'DPoP bound', await proofOf({ htu: address }), 'proof_invalid', 'invalid_dpop_proof'],
        ['another token', 'DPoP bound', await proofOf({ ath: hashOf('good') }), 'proof_invalid', 'invalid_dpop_proof'],
        ['an old time', 'DPoP bound', await proofOf({ iat: 5 }), 'use_dpop_nonce', 'use_dpop_nonce'],
        ['an unbound token', 'DPoP good', await proofOf({ ath: hashOf('good') }), 'unauthenticated', 'invalid_token'],
        ['a bad token', 'DPoP bad', await proofOf(), 'unauthenticated', 'invalid_token'],
      ];
      for (const [name, authorization, proof, code, error] of cases) {
        const { status, challenge, body, headers } = await ask(authorization, {}, proof);
        expect([status, body.code], name).to.deep.equal([401, code]);
        expect(challenge, name).to.equal(`DPoP realm="latchkey", algs="ES256", error="${error}"`);
        expect(headers.get('dpop-nonce'), name).to.equal(proof === undefined ? null : proofs.nonce());
        await app?.stop();
      }
    });

    it('accepts a proof once', async () => {
      const proof = await proofOf();
      expect((await ask('DPoP bound', {}, proof)).status).to.equal(200);
      await app?.stop();
      expect((await ask('DPoP bound', {}, proof)).body.code).to.equal('proof_invalid');
    });

    it('accepts a proof in several guards of one request, and not in the next request', async () => {
      const proof = await proofOf();
      expect((await ask('DPoP bound', {}, proof, 3)).status).to.equal(200);
      await app?.stop();
      expect((await ask('DPoP bound', {}, proof, 3)).body.code).to.equal('proof_invalid');
    });

    it('challenges by the DPoP scheme when a condition refuses a bound token', async () => {
      const { status, challenge } = await ask('DPoP bound', { require: [requireScope('admin')] }, await proofOf());
      expect(status).to.equal(403);
      expect(challenge).to.equal('DPoP realm="latchkey", algs="ES256", error="insufficient_scope", scope="admin"');
    });

    it('waits for an asynchronous condition', async () => {
      const slowly: Guard = Object.assign(
        async () => {
          await wait(5);
          throw fail('forbidden');
        },
        { challenge: { error: 'insufficient_scope' } },
      );
      const { status, body } = await ask('Bearer good', { require: [slowly] });
      expect([status, body.code]).to.deep.equal([403, 'forbidden']);
    });

    it('refuses when a condition returns `false`, as in an api', async () => {
      const challenge = { error: 'insufficient_scope' };
      for (const answer of [() => false, async () => false]) {
        const { status, body } = await ask('Bearer good', { require: [Object.assign(answer, { challenge })] });
        expect([status, body.code]).to.deep.equal([403, 'forbidden']);
        await app?.stop();
      }
      expect((await ask('Bearer good', { require: [Object.assign(() => true, { challenge })] })).status).to.equal(200);
    });

    it('answers 503 unavailable when a condition of the app loses its database, and logs why', async () => {
      const lost = () => {
        throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
      };
      const { status, body } = await ask('Bearer good', { require: [Object.assign(lost, { challenge: {} })] });
      expect([status, body.code]).to.deep.equal([503, 'unavailable']);
      expect(JSON.stringify(logged)).to.contain('ECONNREFUSED');
    });

    it('answers an unexpected error without details, and logs it without the token', async () => {
      logged.length = 0;
      const { status, challenge, body } = await ask('Bearer broken');
      expect([status, challenge, body.code]).to.deep.equal([500, null, 'internal_error']);
      expect(JSON.stringify(body)).not.to.contain('cannot');
      expect(JSON.stringify(logged)).to.contain('cannot check [redacted]');
    });
  });
}

describe('guards below a mounted route', () => {
  const proof = () => proofOf({ htu: 'https://api.test/v1/below/things' });

  async function statusAt(app: Running): Promise<number> {
    const headers = { authorization: 'DPoP bound', dpop: await proof(), connection: 'close' };
    const answer = await fetch(`http://127.0.0.1:${app.port}/below/things?x=1`, { headers });
    await answer.arrayBuffer();
    await app.stop();
    return answer.status;
  }

  it('compare htu with the whole URL in Express', async () => {
    const below = express.Router();
    below.use(createExpressGuard(authenticate));
    below.get('/things', (_req, res) => void res.json({}));
    expect(await statusAt(await serve(express().use('/below', below)))).to.equal(200);
  });

  it('compare htu with the whole URL in Koa, where a mount shortens it', async () => {
    const guard = createKoaGuard(authenticate);
    const app = new Koa();
    app.use((ctx) => {
      ctx.url = '/things?x=1';
      return guard(ctx, async () => {
        ctx.body = {};
      });
    });
    expect(await statusAt(await serve(app.callback()))).to.equal(200);
  });
});

describe('guards of a request that was answered before they finished', () => {
  type Held = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;
  const guards: Record<string, Held> = {
    'Express’s': async (request, response) => createExpressGuard(authenticate)(request, response, () => {}),
    'plain Node’s': createNodeGuard(authenticate),
  };

  for (const [name, guard] of Object.entries(guards)) {
    it(`add nothing, ${name}`, async () => {
      const outcomes: Promise<unknown>[] = [];
      const app = await serve((request, response) => {
        outcomes.push(guard(request, response));
        response.writeHead(504).end();
      });
      for (const [authorization, dpop] of [
        ['Bearer bad', 'x'],
        ['DPoP bound', await proofOf()],
      ] as const) {
        const headers = { authorization, dpop, connection: 'close' };
        expect((await fetch(`http://127.0.0.1:${app.port}/`, { headers })).status).to.equal(504);
      }
      await app.stop();
      expect((await Promise.allSettled(outcomes)).map(({ status }) => status)).to.deep.equal([
        'fulfilled',
        'fulfilled',
      ]);
    });
  }
});

describe('guards without a public URL', () => {
  const byHost = createRequestAuthenticator({
    verify: async () => ({ ...claims, cnf: { jkt: maker.jkt } }),
    proofs,
    publicUrl: undefined,
    clock: createSystemClock(),
    refusals: silentRefusals,
    log: { warn: () => {}, error: () => {} },
  });
  const codeAt = async (htu: string, request: { url: string; host?: string; socket?: object }) => {
    const { url, host, socket = {} } = request;
    const headers = {
      authorization: 'DPoP bound',
      dpop: await proofOf({ htu }),
      ...(host === undefined ? {} : { host }),
    };
    const admission = await byHost({ method: 'GET', url, headers, socket });
    return 'auth' in admission ? 'good' : admission.refusal.body.code;
  };

  it('derive htu from the Host header and the connection', async () => {
    expect(await codeAt('http://api.test/a', { url: '/a', host: 'api.test' })).to.equal('good');
    // TLS may have ended at a proxy.
    expect(await codeAt('https://api.test/a', { url: '/a', host: 'api.test' })).to.equal('good');
    expect(await codeAt('https://api.test/a', { url: '/a', host: 'api.test', socket: { encrypted: true } })).to.equal(
      'good',
    );
    const encrypted = { url: '/a', host: 'api.test', socket: { encrypted: true } };
    expect(await codeAt('http://api.test/a', encrypted)).to.equal('proof_invalid');
    expect(await codeAt('http://api.test/a', { url: '/a' })).to.equal('proof_invalid');
  });

  it('accept only a path in the request target', async () => {
    for (const url of ['*', '.else.test/a', '@else.test/a', 'http://api.test/a', ''])
      expect(await codeAt('http://api.test/a', { url, host: 'api.test' }), url).to.equal('proof_invalid');
    expect(await codeAt('http://api.test.else.test/a', { url: '.else.test/a', host: 'api.test' })).to.equal(
      'proof_invalid',
    );
  });

  it('read no host from the path', async () => {
    for (const host of ['api.test/a?', 'api.test/a#', 'api.test/a/..', 'else.test@api.test', 'api.test\\a', ''])
      for (const htu of ['http://api.test/a', 'http://api.test/a/b', 'http://api.test/b'])
        expect(await codeAt(htu, { url: '/b', host }), `${host} ${htu}`).to.equal('proof_invalid');
    for (const host of ['api.test:8080', '[2001:db8::1]:8080', '127.0.0.1', 'ä.test'])
      expect(await codeAt(`http://${host}/b`, { url: '/b', host }), host).to.equal('good');
  });
});

describe('guards', () => {
  it('throw for invalid options', () => {
    for (const scope of ['', 'two words', 'quo"te']) expect(() => requireScope(scope)).to.throw(TypeError);
    for (const seconds of [-1, 1.5, Number.NaN]) expect(() => maxAuthAge(seconds)).to.throw(TypeError);
  });
});
