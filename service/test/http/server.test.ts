import { createConnection } from 'node:net';
import { fail, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import {
  bearer,
  call,
  caller,
  challenge,
  code,
  deadlineOf,
  grant,
  jwtOf,
  key,
  now,
  openTestApp,
  origin,
  publicUrl,
  sid,
  type TestApp,
  token,
  verifier,
} from './test-app.ts';

const signIn = {
  email: 'ada@example.test',
  password: 'correct horse battery',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};
const codeGrant = { grant_type: 'authorization_code', code, code_verifier: verifier };
const refreshGrant = { grant_type: 'refresh_token', refresh_token: token };
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('the HTTP API', () => {
  let app: TestApp;
  before(async () => {
    app = await openTestApp();
  });
  beforeEach(() => app.reset());
  after(() => app.close());

  const post = (path: string, body?: unknown, headers?: Record<string, string>) =>
    call(app, 'POST', path, body, headers);
  const get = (path: string, headers?: Record<string, string>) => call(app, 'GET', path, undefined, headers);
  const argsOf = (name: string) => app.calls.find((one) => one.name === name)?.args;

  describe('sign-up and sign-in', () => {
    it('passes input and client to the flow', async () => {
      const profile = { name: 'Ada' };
      const answer = await post(paths.register, { ...signIn, profile, tenant: 'blue' }, { 'user-agent': 'test' });
      expect([answer.status, answer.json]).eql([201, { code: 'the-code', expires_in: 30, now }]);
      const [input, peer] = argsOf('register')!;
      expect(input).include({
        email: signIn.email,
        password: signIn.password,
        tenant: 'blue',
        codeChallenge: challenge,
      });
      expect(input).deep.include({ profile });
      expect(peer).eql({
        connectionId: '',
        origin: null,
        address: '127.0.0.1',
        userAgent: 'test',
        addressPrefix: '127.0.0.0/24',
      });
    });

    it('answers /registration like /register, and /login with 200', async () => {
      expect((await post(paths.registration, signIn)).status).equal(201);
      expect((await post(paths.login, signIn)).status).equal(200);
      expect(app.calls.map((one) => one.name)).eql(['register', 'login']);
    });

    it('answers a redirect sign-in with the URL', async () => {
      app.script({ login: () => ({ url: 'https://app.test/#code=c&state=s', expires_in: 30, extra: 1 }) });
      const answer = await post(paths.login, { ...signIn, app: 'https://app.test/', state: 's' });
      expect(answer.json).eql({ url: 'https://app.test/#code=c&state=s', expires_in: 30, now });
    });

    it('refuses requests of other origins', async () => {
      for (const path of [paths.login, paths.register, paths.registration]) {
        for (const stranger of ['https://evil.test', 'null', `${origin}.evil.test`, `${origin}:81`]) {
          const answer = await post(path, signIn, { origin: stranger });
          expect([answer.status, answer.json.code]).eql([403, 'forbidden']);
          expect(answer.headers.get('access-control-allow-origin')).equal(null);
        }
        expect(app.calls).eql([]);
        for (const known of [origin, publicUrl])
          expect((await post(path, signIn, { origin: known })).status).below(300);
        app.reset();
      }
    });
  });

  describe('/oauth/token', () => {
    const answered = {
      access_token: grant.accessToken,
      token_type: 'Bearer',
      expires_in: 300,
      refresh_token: grant.token,
      session_id: sid,
    };

    it('redeems a code in a form and in JSON', async () => {
      const asForm = new URLSearchParams({ ...codeGrant, client_id: 'c', redirect_uri: 'https://a.test/' }).toString();
      for (const answer of [await post(paths.oauthToken, { ...codeGrant }), await post(paths.oauthToken, asForm, form)])
        expect([answer.status, answer.json]).eql([200, answered]);
      for (const { args } of app.calls)
        expect(args[0]).deep.include({
          credential: code,
          codeVerifier: verifier,
          rotationKey: undefined,
          alsoRotationKeys: [],
        });
    });

    it('rotates a token with keys in a form and in JSON', async () => {
      const other = 'AAAAAAAAAAAAAAAAAAAAAQ';
      await post(paths.oauthToken, { ...refreshGrant, rotation_key: key, also_rotation_keys: [key, other] });
      const fields = { ...refreshGrant, rotation_key: key, also_rotation_keys: `${key} ${other}` };
      await post(paths.oauthToken, new URLSearchParams(fields).toString(), form);
      expect(app.calls).length(2);
      for (const { args } of app.calls)
        expect(args[0]).deep.include({ credential: token, rotationKey: key, alsoRotationKeys: [key, other] });
    });

    it('passes a proof and its expected htm and htu to the flow, and returns the token type', async () => {
      app.script({ exchange: () => ({ ...grant, isBound: true }) });
      const answer = await post(`${paths.oauthToken}?x=1`, codeGrant, { dpop: 'a.b.c' });
      const [request, endpoint] = argsOf('exchange')!;
      expect(request).deep.include({ credential: code, proof: 'a.b.c' });
      expect(endpoint).eql({ method: 'POST', path: `${paths.oauthToken}?x=1` });
      expect([answer.status, answer.json.token_type]).eql([200, 'DPoP']);
      expect(answer.headers.get('dpop-nonce')).equal('the-nonce');
    });

    it('requests a nonce as in RFC 9449 §8', async () => {
      app.script({ exchange: () => Promise.reject(fail('use_dpop_nonce')) });
      const answer = await post(paths.oauthToken, codeGrant, { dpop: 'a.b.c' });
      expect([answer.status, answer.json.error, answer.headers.get('www-authenticate')]).eql([
        400,
        'use_dpop_nonce',
        null,
      ]);
      expect(answer.headers.get('dpop-nonce')).equal('the-nonce');
      for (const code of ['proof_required', 'proof_invalid'] as const) {
        app.script({ exchange: () => Promise.reject(fail(code)) });
        const refused = await post(paths.oauthToken, codeGrant);
        expect([refused.status, refused.json.error, refused.json.code]).eql([400, 'invalid_dpop_proof', code]);
      }
    });

    it('treats an empty field as absent, and refuses a repeated one', async () => {
      const text = new URLSearchParams({
        ...refreshGrant,
        rotation_key: '',
        also_rotation_keys: '',
        scope: '',
      }).toString();
      expect((await post(paths.oauthToken, text, form)).status).equal(200);
      expect(argsOf('exchange')![0]).deep.include({ rotationKey: undefined, alsoRotationKeys: [] });
      app.reset();
      const twice = await post(paths.oauthToken, `${text}&refresh_token=x.y.z`, form);
      expect([twice.status, twice.json.error]).eql([400, 'invalid_request']);
      expect(app.calls).eql([]);
    });

    it('does not interpret brackets in the names of a form', async () => {
      const text = new URLSearchParams({ ...refreshGrant }).toString();
      for (const odd of [
        `also_rotation_keys[0]=${key}`,
        `also_rotation_keys[]=${key}`,
        'a.b=c',
        '__proto__[x]=1',
        'toString=1',
      ]) {
        const answer = await post(paths.oauthToken, `${text}&${odd}`, form);
        // Another name is another parameter, and those that are not known are ignored (RFC 6749 §3.2).
        expect(answer.status, odd).equal(200);
        expect(argsOf('exchange')![0]).deep.include({ alsoRotationKeys: [] });
        app.reset();
      }
    });

    it('refuses more than three further rotation keys', async () => {
      const four = { ...refreshGrant, also_rotation_keys: [key, key, key, key] };
      expect((await post(paths.oauthToken, four)).json.error).equal('invalid_request');
    });

    it('refuses a credential of the wrong kind before the flow is called', async () => {
      const wrong = [
        { ...codeGrant, code: token },
        { ...refreshGrant, refresh_token: code },
        ...['x', '...', jwtOf('at+jwt'), jwtOf('toString')].map((other) => ({ ...codeGrant, code: other })),
      ];
      for (const body of wrong) expect((await post(paths.oauthToken, body)).json.error).equal('invalid_grant');
      expect(app.calls).eql([]);
    });

    it('answers unsupported_grant_type for another grant type', async () => {
      for (const grant_type of ['password', 'client_credentials', 'toString', '__proto__']) {
        const answer = await post(paths.oauthToken, { ...refreshGrant, grant_type });
        expect([answer.status, answer.json.error], grant_type).eql([400, 'unsupported_grant_type']);
      }
      expect((await post(paths.oauthToken, {})).json.error).equal('invalid_request');
    });

    it('passes to the flow whether the client has disconnected', async () => {
      let isDisconnected = (): boolean => false;
      const entered = new Promise<void>((resolve) => {
        app.script({
          exchange: (request: { isDisconnected: () => boolean }) => {
            isDisconnected = request.isDisconnected;
            resolve();
            return new Promise(() => {});
          },
        });
      });
      const body = JSON.stringify(refreshGrant);
      const socket = createConnection({ port: Number(new URL(app.url).port), host: '127.0.0.1' });
      socket.write(`POST ${paths.oauthToken} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`);
      socket.write(`Content-Length: ${body.length}\r\n\r\n${body}`);
      await entered;
      expect(isDisconnected()).equal(false);
      socket.destroy();
      await waitFor(isDisconnected);
      await waitFor(() => app.lines.some((line) => line.includes('"aborted":true')));
    });
  });

  describe('/oauth/revoke', () => {
    it('answers 200 for any token, and an error when the revocation failed', async () => {
      for (const hint of ['access_token', 'refresh_token', 'nonsense'])
        expect((await post(paths.oauthRevoke, { token: 'x', token_type_hint: hint })).status).equal(200);
      expect(app.calls.map((one) => one.args)).eql([1, 2, 3].map(() => ['x', deadlineOf()]));
      app.script({ revoke: () => Promise.reject(fail('unavailable', { retryAfterMs: 2_500 })) });
      const answer = await post(paths.oauthRevoke, { token: 'x' });
      expect([answer.status, answer.json.error]).eql([503, 'temporarily_unavailable']);
      expect(answer.headers.get('retry-after')).equal('3');
    });
  });

  describe('signed-in routes', () => {
    it('pass the caller to the flow', async () => {
      await get(paths.me, bearer);
      const shown = { scheme: 'Bearer', proof: undefined, method: 'GET', path: paths.me };
      expect(argsOf('authenticate')).eql(['good-token', shown]);
      expect(argsOf('getCurrentUser')).eql([caller]);
      await get(paths.sessions, bearer);
      expect(argsOf('listSessions')).eql([caller]);
      await call(app, 'DELETE', `${paths.sessions}/${sid}`, undefined, bearer);
      expect(argsOf('endSession')).eql([caller, sid, deadlineOf()]);
      const passwords = { current_password: 'one', new_password: 'two' };
      expect((await post(paths.mePassword, passwords, bearer)).json).eql({ ended: 2, now });
      expect(argsOf('changePassword')!.slice(0, 2)).eql([caller, { current: 'one', next: 'two' }]);
    });

    it('answer only fields of the response schema', async () => {
      const answer = await get(paths.me, bearer);
      expect(answer.json).have.property('email', 'ada@example.test');
      expect(answer.text).not.include('password_hash');
    });

    it('answer internal_error when the result does not match the response schema', async () => {
      app.script({ getCurrentUser: () => ({ id: 5 }) });
      const answer = await get(paths.me, bearer);
      expect([answer.status, answer.json.code]).eql([500, 'internal_error']);
    });

    it('end this session without a body, others by scope', async () => {
      for (const [body, scope] of [
        [undefined, 'session'],
        [{}, 'session'],
        [{ scope: 'others' }, 'others'],
      ]) {
        app.reset();
        expect((await post(paths.logout, body, bearer)).json).eql({ ended: 1, now });
        expect(argsOf('logout')).eql([sid, scope, deadlineOf()]);
      }
    });

    it('read the token only from the Authorization header', async () => {
      const none = ['', 'Basic Z29vZDp0b2tlbg==', 'Dpopp good-token', 'good-token'];
      for (const authorization of none) {
        const answer = await get(`${paths.me}?access_token=good-token`, { authorization });
        expect(answer.json.code).equal('unauthenticated');
        expect(answer.headers.get('www-authenticate')).equal('Bearer realm="latchkey"');
      }
      for (const authorization of ['Bearer', 'Bearer a b', 'bearer "x"', 'Bearer é'])
        expect((await get(paths.me, { authorization: encode(authorization) })).headers.get('www-authenticate')).equal(
          'Bearer realm="latchkey", error="invalid_token"',
        );
      expect(app.calls).eql([]);
      expect((await get(paths.me, { authorization: 'bearer good-token' })).status).equal(200);
    });

    it('pass a DPoP token, its proof and the expected htm and htu to the flow (RFC 9449 §7.1)', async () => {
      const answer = await get(`${paths.meActivity}?limit=1`, { authorization: 'dpop good-token', dpop: 'a.b.c' });
      const shown = { scheme: 'DPoP', proof: 'a.b.c', method: 'GET', path: `${paths.meActivity}?limit=1` };
      expect(argsOf('authenticate')).eql(['good-token', shown]);
      expect([answer.status, answer.headers.get('dpop-nonce')]).eql([200, 'the-nonce']);
      expect((await get(paths.me, bearer)).headers.get('dpop-nonce')).equal(null);
    });

    it('challenge by RFC 9449 for errors of proofs', async () => {
      const expected = {
        proof_required: 'invalid_dpop_proof',
        proof_invalid: 'invalid_dpop_proof',
        use_dpop_nonce: 'use_dpop_nonce',
        unauthenticated: 'invalid_token',
      } as const;
      for (const [code, error] of Object.entries(expected)) {
        app.script({ authenticate: () => Promise.reject(fail(code as keyof typeof expected)) });
        const answer = await get(paths.me, { authorization: 'DPoP good-token', dpop: 'a.b.c' });
        expect([answer.status, answer.json.code]).eql([401, code]);
        expect(answer.headers.get('www-authenticate')).equal(`DPoP realm="latchkey", algs="ES256", error="${error}"`);
        expect(answer.headers.get('dpop-nonce')).equal('the-nonce');
      }
      app.script({ authenticate: () => Promise.reject(fail('proof_required')) });
      const asBearer = await get(paths.me, bearer);
      expect(asBearer.headers.get('www-authenticate')).equal(
        'DPoP realm="latchkey", algs="ES256", error="invalid_token"',
      );
    });

    it('challenge by RFC 6750 and RFC 9470 for errors of tokens', async () => {
      const expected = {
        unauthenticated: ', error="invalid_token"',
        session_revoked: ', error="invalid_token"',
        session_expired: ', error="invalid_token"',
        reauthentication_required: ', error="insufficient_user_authentication"',
        invalid_credentials: '',
      } as const;
      for (const [code, rest] of Object.entries(expected)) {
        app.script({ getCurrentUser: () => Promise.reject(fail(code as keyof typeof expected)) });
        const answer = await get(paths.me, bearer);
        expect(answer.status).equal(401);
        expect(answer.headers.get('www-authenticate')).equal(`Bearer realm="latchkey"${rest}`);
      }
    });
  });

  describe('headers', () => {
    it('forbid caching of credentials', async () => {
      const answers = [
        await post(paths.register, signIn),
        await post(paths.login, signIn),
        await post(paths.oauthToken, codeGrant),
        await post(paths.oauthToken, {}),
        await get(paths.me, bearer),
        await get(paths.me),
      ];
      for (const { headers } of answers) expect(headers.get('cache-control')).equal('no-store');
      for (const at of [2, 3]) expect(answers[at]!.headers.get('pragma')).equal('no-cache');
    });

    it('forbid frames, content sniffing, foreign scripts and referrers', async () => {
      const { headers } = await get(paths.healthLive);
      expect(headers.get('x-content-type-options')).equal('nosniff');
      expect(headers.get('referrer-policy')).equal('no-referrer');
      expect(headers.get('x-frame-options')).equal('DENY');
      expect(headers.get('x-powered-by')).equal(null);
      const policy = headers.get('content-security-policy')!;
      expect(policy)
        .include("default-src 'none'")
        .and.include("script-src 'self'")
        .and.include("frame-ancestors 'none'");
      expect(policy).include("connect-src 'self' ws://id.test").and.not.include('unsafe');
    });

    it('contain Strict-Transport-Security only with https', async () => {
      expect((await get(paths.healthLive)).headers.get('strict-transport-security')).equal(null);
      const safe = await openTestApp({ publicUrl: 'https://id.test' });
      try {
        const { headers } = await call(safe, 'GET', paths.healthLive);
        expect(headers.get('strict-transport-security')).match(/max-age=31536000/);
        expect(headers.get('content-security-policy'))
          .include('upgrade-insecure-requests')
          .and.include('wss://id.test');
      } finally {
        await safe.close();
      }
    });

    it('allow the listed origins, and no others', async () => {
      const ask = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' };
      const preflight = await call(app, 'OPTIONS', paths.login, undefined, { origin, ...ask });
      expect(preflight.status).equal(204);
      expect(preflight.headers.get('access-control-allow-origin')).equal(origin);
      expect(preflight.headers.get('access-control-allow-headers')).match(/authorization/i);
      expect(preflight.headers.get('access-control-allow-credentials')).equal(null);
      for (const stranger of ['https://evil.test', 'null', `${origin}.evil.test`]) {
        const refused = await call(app, 'OPTIONS', paths.login, undefined, { origin: stranger, ...ask });
        expect(refused.headers.get('access-control-allow-origin')).equal(null);
        expect(refused.headers.get('vary')).include('Origin');
      }
      const failed = await post(paths.login, {}, { origin });
      expect(failed.headers.get('access-control-allow-origin')).equal(origin);
      expect(failed.headers.get('access-control-expose-headers')).include('Retry-After');
    });

    it('contain a request id that the client did not choose', async () => {
      const answer = await get('/nowhere', { 'x-request-id': 'mine' });
      expect(answer.headers.get('x-request-id')).match(/^[0-9a-f-]{36}$/);
      expect(answer.json.request_id).equal(answer.headers.get('x-request-id'));
    });
  });

  describe('errors', () => {
    it('are problems with a code', async () => {
      app.script({ login: () => Promise.reject(fail('rate_limited', { retryAfterMs: 61_000, detail: 'private' })) });
      const answer = await post(paths.login, signIn);
      expect(answer.status).equal(429);
      expect(answer.headers.get('content-type')).equal('application/problem+json');
      expect(answer.headers.get('retry-after')).equal('61');
      expect(answer.json).eql({
        type: 'urn:latchkey:error:rate_limited',
        now,
        title: 'Too many attempts. Wait before the next one.',
        status: 429,
        code: 'rate_limited',
        request_id: answer.headers.get('x-request-id'),
        retry_after_ms: 61_000,
      });
    });

    it('hide an unexpected error, and log it with the id of the request', async () => {
      app.script({ getCurrentUser: () => Promise.reject(new Error('boom at 10.0.0.5')) });
      const answer = await get(paths.me, bearer);
      expect([answer.status, answer.json.code]).eql([500, 'internal_error']);
      expect(answer.text).not.include('boom');
      const line = app.lines.map((text) => JSON.parse(text)).find((one) => one.level === 'error');
      expect(line.request_id).equal(answer.json.request_id);
      expect(line.err.cause.message).equal('boom at 10.0.0.5');
    });

    it('are unavailable for database errors', async () => {
      app.script({ getCurrentUser: () => Promise.reject(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })) });
      const answer = await get(paths.me, bearer);
      expect([answer.status, answer.json.code]).eql([503, 'unavailable']);
      expect(answer.headers.get('retry-after')).equal('1');
    });

    it('name the paths of invalid fields', async () => {
      const answer = await post(paths.login, { ...signIn, email: 5, extra: 1 });
      expect(answer.json.errors).deep.include({ path: 'email', message: 'has to be a text' });
      expect(answer.json.errors).deep.include({ path: 'extra', message: 'unknown key' });
    });
  });

  describe('documents', () => {
    it('publishes the metadata of RFC 8414', async () => {
      const answer = await get(paths.metadata);
      expect(answer.headers.get('cache-control')).equal('public, max-age=60');
      expect(answer.json).include({ issuer: publicUrl, token_endpoint: `${publicUrl}/oauth/token` });
      expect(answer.json.authorization_endpoint).equal(`${publicUrl}/signin`);
      expect(answer.json.response_modes_supported).eql(['fragment']);
    });

    it('publishes public keys only', async () => {
      const answer = await get(paths.jwks);
      expect(answer.headers.get('cache-control')).equal('public, max-age=60');
      expect(answer.json).eql({
        keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', kid: 'k1', alg: 'ES256', use: 'sig' }],
      });
    });

    it('reports whether it is live and ready', async () => {
      expect((await get(paths.healthLive)).json).eql({ status: 'live' });
      const ready = await get(paths.healthReady);
      expect([ready.status, ready.json]).eql([200, { status: 'ready', checks: { database: 'ok' } }]);
      const red = { ready: false, isRecovering: false, checks: { database: false, keys: true } };
      for (const [isRecovering, status] of [
        [false, 'not_ready'],
        [true, 'recovering'],
      ] as const) {
        app.readiness = { ...red, isRecovering };
        const answer = await get(paths.healthReady);
        expect([answer.status, answer.json]).eql([503, { status, checks: { database: 'failing', keys: 'ok' } }]);
      }
      expect((await get(paths.healthLive)).status).equal(200);
    });
  });

  it('logs one line for a request, with the pattern of the path, never with the URL, a header or a body', async () => {
    await call(app, 'DELETE', `${paths.sessions}/${sid}?code=secret-in-query`, undefined, bearer);
    await post(paths.login, signIn, { 'user-agent': 'agent-name' });
    await waitFor(() => app.lines.filter((line) => line.includes('"msg":"request"')).length === 2);
    const [first] = app.lines.map((line) => JSON.parse(line)).filter((line) => line.msg === 'request');
    expect(first).include({ method: 'DELETE', route: '/sessions/:id', status: 400, level: 'info' });
    expect(first.ms).a('number');
    const all = app.lines.join('');
    for (const secret of [
      sid,
      'secret-in-query',
      'good-token',
      signIn.password,
      signIn.email,
      'agent-name',
      'the-code',
    ])
      expect(all).not.include(secret);
  });
});

/** A header travels as Latin-1. */
const encode = (header: string) => Buffer.from(header).toString('latin1');
