import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { maxCredentialLength, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { bearer, call, challenge, code, key, openTestApp, type TestApp, token, verifier } from './test-app.ts';

interface Good {
  readonly method?: 'PATCH';
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly required: readonly string[];
  readonly signed?: true;
  readonly form?: true;
}

const signIn = {
  email: 'ada@example.test',
  password: 'correct horse battery',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};
const signInRequired = Object.keys(signIn);
const codeGrant = { grant_type: 'authorization_code', code, code_verifier: verifier, rotation_key: key };
const refreshGrant = {
  grant_type: 'refresh_token',
  refresh_token: token,
  rotation_key: key,
  also_rotation_keys: [key],
};

const mailSignIn = { ticket: challenge, code_challenge: challenge, code_challenge_method: 'S256' };
const mailFields = Object.keys(mailSignIn);

/** Every path that takes a body, with one that is good. */
const posts: readonly Good[] = [
  {
    path: paths.register,
    body: { ...signIn, profile: { name: 'Ada' }, operator_invite: 'code' },
    required: signInRequired,
  },
  { path: paths.registration, body: { ...signIn, dpop_jkt: challenge }, required: signInRequired },
  { path: paths.login, body: { ...signIn, app: 'https://a.test/', state: 's', tenant: 't' }, required: signInRequired },
  { path: paths.oauthToken, body: codeGrant, required: ['grant_type', 'code', 'code_verifier'], form: true },
  { path: paths.oauthToken, body: refreshGrant, required: ['grant_type', 'refresh_token'], form: true },
  { path: paths.oauthRevoke, body: { token }, required: ['token'], form: true },
  {
    path: paths.oauthIntrospect,
    body: { token: 'x'.repeat(maxCredentialLength), client_id: 'app', client_secret: 'k9' },
    required: ['token'],
    form: true,
  },
  { path: paths.logout, body: { scope: 'all' }, required: [], signed: true },
  {
    path: paths.mePassword,
    body: { current_password: 'correct horse', new_password: 'battery staple' },
    required: ['current_password', 'new_password'],
    signed: true,
  },
  { path: paths.passwordForgot, body: { email: signIn.email, tenant: 't', ticket: challenge }, required: ['email'] },
  {
    path: paths.passwordReset,
    body: { code: '123456', ticket: challenge, new_password: signIn.password },
    required: ['code', 'ticket', 'new_password'],
  },
  {
    path: paths.passwordReset,
    body: { email: signIn.email, password: signIn.password, tenant: 't', new_password: 'battery staple' },
    required: ['email', 'password', 'new_password'],
  },
  { path: paths.loginEmail, body: { email: signIn.email, ticket: challenge }, required: ['email', 'ticket'] },
  { path: paths.loginEmailVerify, body: { secret: challenge, ...mailSignIn }, required: ['secret', ...mailFields] },
  { path: paths.emailVerifyRequest, body: { ticket: challenge }, required: ['ticket'] },
  { path: paths.emailVerify, body: { code: '123456', ...mailSignIn }, required: ['code', ...mailFields] },
  { path: paths.emailUndo, body: { secret: challenge }, required: ['secret'] },
  { path: paths.linksInspect, body: { secret: challenge }, required: ['secret'] },
  {
    path: paths.invitationsAccept,
    body: {
      secret: challenge,
      password: signIn.password,
      name: 'Ada',
      code_challenge: challenge,
      code_challenge_method: 'S256',
    },
    required: ['secret', 'password', 'code_challenge', 'code_challenge_method'],
  },
  {
    method: 'PATCH',
    path: paths.me,
    body: { name: 'Ada', picture: 'https://a.test/p.png', locale: 'de', user_metadata: { theme: 'dark' } },
    required: [],
    signed: true,
  },
  { path: paths.meVerification, body: { code: '123456' }, required: ['code'], signed: true },
  {
    path: paths.meEmail,
    body: { email: signIn.email, current_password: signIn.password },
    required: ['email', 'current_password'],
    signed: true,
  },
  { path: paths.meEmailVerify, body: { secret: challenge }, required: ['secret'], signed: true },
  { path: paths.requestProbe, body: { nonce: challenge, proof: challenge }, required: ['nonce', 'proof'] },
];

const wrongTypes = [null, 5, true, [], {}, ['x'], { x: 1 }];
const json = { 'content-type': 'application/json' };
const unprinted = JSON.stringify({ '\0': '\u0000' });

describe('the proof of a mail', () => {
  it('is either a secret or a code', async () => {
    const app = await openTestApp();
    const reset = { ticket: challenge, new_password: signIn.password };
    const answer = await call(app, 'POST', paths.passwordReset, { ...reset, secret: challenge, code: '123456' });
    expect(answer.json).deep.include({ code: 'invalid_request' });
    expect(answer.json.errors).eql([{ path: 'secret', message: 'send either secret, or code' }]);
    expect(app.calls).eql([]);
    await app.close();
  });
});

describe('invalid input over HTTP', () => {
  let app: TestApp;
  before(async () => {
    app = await openTestApp();
  });
  beforeEach(() => app.reset());
  after(() => app.close());

  const flowsAsked = () => app.calls.map((asked) => asked.name).filter((name) => name !== 'authenticate');

  for (const { method = 'POST', path, body, required, signed, form } of posts) {
    const send = (input: unknown, headers: Record<string, string> = {}) =>
      call(app, method, path, input, { ...(signed ? bearer : {}), ...headers });
    const refused = async (input: unknown, expected: string, status: number, headers: Record<string, string> = {}) => {
      const answer = await send(input, headers);
      expect(answer.json.code, answer.text).equal(expected);
      expect(answer.status).equal(status);
      expect(flowsAsked()).eql([]);
    };
    const name = form ? `${path} ${String(body.grant_type ?? '')}` : path;

    describe(`${method} ${name}`, () => {
      it('accepts valid input', async () => {
        const answer = await send(body);
        expect(answer.status, answer.text).oneOf([200, 201, 202]);
        expect(flowsAsked()).length(1);
      });

      for (const field of required)
        it(`refuses a missing ${field}`, async () => {
          const { [field]: _, ...rest } = body;
          await refused(rest, 'invalid_request', 400);
        });

      for (const field of Object.keys(body))
        it(`refuses ${field} of a wrong type`, async () => {
          for (const wrong of wrongTypes.filter((value) => !fits(field, value)))
            await refused({ ...body, [field]: wrong }, 'invalid_request', 400);
        });

      // RFC 6749 §3.2: these endpoints ignore them, see unknown-input.test.ts.
      if (form) return;

      it('refuses unknown keys, also those of a prototype', async () => {
        await refused({ ...body, extra: 1 }, 'invalid_request', 400);
        await refused({ ...body, operator: true }, 'invalid_request', 400);
        await refused({ ...body, htu: challenge }, 'invalid_request', 400);
        for (const poison of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
          await refused(`{"${poison}":{"x":1},${JSON.stringify(body).slice(1)}`, 'invalid_request', 400, json);
      });

      it('refuses a body that is no JSON object', async () => {
        const garbage = [
          '{',
          '[]',
          '[1]',
          '"x"',
          '7',
          'null',
          'true',
          '\0\0',
          '{"a":}',
          `${'['.repeat(30_000)}`,
          unprinted,
        ];
        for (const input of garbage) await refused(input, 'invalid_request', 400, json);
      });

      it('refuses other content types', async () => {
        const text = JSON.stringify(body);
        const types = [
          'text/plain',
          'application/vnd.api+json',
          'application/json-patch+json',
          'multipart/form-data',
          'x',
        ];
        for (const type of types) await refused(text, 'unsupported_media_type', 415, { 'content-type': type });
        if (!form)
          await refused('a=b', 'unsupported_media_type', 415, { 'content-type': 'application/x-www-form-urlencoded' });
      });

      it('refuses a body above the limit, also after decompression', async () => {
        const huge = { ...body, extra: 'x'.repeat(65_536) };
        await refused(huge, 'payload_too_large', 413);
        const bomb = gzipSync(Buffer.alloc(5_000_000, 32));
        await refused(bomb, 'payload_too_large', 413, { ...json, 'content-encoding': 'gzip' });
      });

      it('refuses a body that cannot be decompressed', async () => {
        const broken = gzipSync(JSON.stringify(body)).subarray(0, 24);
        await refused(broken, 'invalid_request', 400, { ...json, 'content-encoding': 'gzip' });
        await refused('no gzip at all', 'invalid_request', 400, { ...json, 'content-encoding': 'gzip' });
        await refused('x', 'unsupported_media_type', 415, { ...json, 'content-encoding': 'zstd' });
      });

      it('repeats no value of the input, neither in the answer nor in the log', async () => {
        const marker = 'k9-marker-of-a-secret';
        const spoilt = Object.fromEntries(Object.keys(body).map((field) => [field, { [marker]: marker }]));
        const texts = [
          await send(spoilt),
          await send(`{"password":"${marker}`, json),
          await send({ ...body, x: marker }),
        ];
        for (const { text } of texts) expect(text).not.include(`"${marker}"`);
        expect(app.lines.join('')).not.include(marker);
      });
    });
  }

  it('refuses text that the database cannot store', async () => {
    for (const bad of ['a\0@example.test', 'a\ud800@example.test'])
      for (const field of ['email', 'password', 'tenant', 'app', 'state'])
        expect((await call(app, 'POST', paths.login, { ...signIn, [field]: bad })).status).equal(400);
    expect(flowsAsked()).eql([]);
  });

  it('refuses a profile that is deeply nested, large, or has unusable names', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`);
    const profiles = [
      deep,
      { a: 'x'.repeat(9_000) },
      { constructor: 1 },
      { a: { prototype: 1 } },
      { a: '\0' },
      { '\0': 1 },
      [],
    ];
    for (const profile of profiles) {
      const answer = await call(app, 'POST', paths.register, { ...signIn, profile });
      expect(answer.json.code).equal('invalid_request');
    }
    const abyss = `{"profile":${'['.repeat(10_000)}${']'.repeat(10_000)},${JSON.stringify(signIn).slice(1)}`;
    expect((await call(app, 'POST', paths.register, abyss, json)).status).equal(400);
    expect(flowsAsked()).eql([]);
  });

  it('names the field of a profile that cannot be stored', async () => {
    const bad: readonly (readonly [field: string, value: unknown])[] = [
      ['name', ''],
      ['name', 'x'.repeat(201)],
      ...['   ', 'a\nb', 'a\0b', 'a\u0085b', 'a\ud800b', '\u202eb', 'a\u2066b'].map((name) => ['name', name] as const),
      ...['', 'http://a.test/p', 'javascript:1', 'https://', ' https://a.test', 'a.test', 'https://a.test/\u202e'].map(
        (picture) => ['picture', picture] as const,
      ),
      ['picture', 'https://ann:secret@a.test/p.png'],
      ['picture', `https://a.test/${'x'.repeat(2_034)}`],
      ...['', 'x', 'de_AT', 'a-language', `de-${'x'.repeat(40)}`].map((locale) => ['locale', locale] as const),
      ['user_metadata', { a: 'x'.repeat(16_400) }],
      ['user_metadata', { a: '\0' }],
      ['user_metadata', { constructor: 1 }],
      ['user_metadata', JSON.parse(`${'{"a":'.repeat(20)}1${'}'.repeat(20)}`)],
      ['profile', { a: 1 }],
      ['app_metadata', { roles: ['admin'] }],
      ['email', 'other@example.test'],
      ['email_verified', true],
      ['operator', true],
    ];
    for (const [field, value] of bad) {
      const answer = await call(app, 'PATCH', paths.me, { [field]: value }, bearer);
      expect([answer.status, answer.json.code], `${field} ${answer.text}`).eql([400, 'invalid_request']);
      expect(answer.text).include(field);
    }
    const empty = await call(app, 'PATCH', paths.me, {}, bearer);
    expect(empty.json.code).equal('invalid_request');
    expect(flowsAsked()).eql([]);
  });

  it('passes a profile in its canonical spelling, and null as it is', async () => {
    const change = { name: 'Ä'.repeat(200), picture: null, locale: 'DE-at', user_metadata: null };
    await call(app, 'PATCH', paths.me, change, bearer);
    const [, given] = app.calls.find(({ name }) => name === 'updateProfile')!.args;
    expect(given).eql({ name: change.name, picture: null, locale: 'de-AT', userMetadata: {} });
  });

  it('refuses incomplete PKCE, the method plain, and missing PKCE', async () => {
    const { code_challenge: _c, code_challenge_method: _m, ...bare } = signIn;
    const bad = [
      bare,
      { ...bare, code_challenge: challenge },
      { ...bare, code_challenge_method: 'S256' },
      { ...signIn, code_challenge_method: 'plain' },
      { ...signIn, code_challenge: challenge.slice(1) },
      { ...signIn, code_challenge: `${challenge.slice(1)}+` },
    ];
    for (const path of [paths.login, paths.register])
      for (const body of bad) expect((await call(app, 'POST', path, body)).json.code).equal('invalid_request');
    expect(flowsAsked()).eql([]);
  });

  it('accepts a sign-in without PKCE only when a setting allows it, and never with incomplete PKCE', async () => {
    const lax = await openTestApp({ requirePkce: false });
    try {
      const { code_challenge: _c, code_challenge_method: _m, ...bare } = signIn;
      expect((await call(lax, 'POST', paths.login, bare)).status).equal(200);
      expect((await call(lax, 'POST', paths.login, { ...bare, code_challenge: challenge })).status).equal(400);
      expect((await call(lax, 'POST', paths.login, { ...bare, code_challenge_method: 'S256' })).status).equal(400);
    } finally {
      await lax.close();
    }
  });

  it('refuses passwords longer than 1,024 bytes before they are hashed', async () => {
    for (const password of ['x'.repeat(1_025), 'é'.repeat(513)])
      expect((await call(app, 'POST', paths.login, { ...signIn, password })).json.code).equal('invalid_request');
    expect((await call(app, 'POST', paths.login, { ...signIn, password: 'é'.repeat(512) })).status).equal(200);
  });

  it('refuses numbers that would be stored as others, and keeps the others', async () => {
    const patch = (number: string) =>
      call(app, 'PATCH', paths.me, `{"user_metadata":{"id":${number}}}`, { ...json, ...bearer });
    for (const number of ['9007199254740993', '1e400', '0.1234567890123456789']) {
      const answer = await patch(number);
      expect([answer.status, answer.json.code], number).eql([400, 'invalid_request']);
      expect(answer.text).include('Send it as a text.').and.not.include(number);
    }
    expect(flowsAsked()).eql([]);
    expect((await patch('9007199254740991')).status).equal(200);
  });

  it('refuses a member that is there twice', async () => {
    const patch = (body: string) => call(app, 'PATCH', paths.me, body, { ...json, ...bearer });
    const answer = await patch('{"user_metadata":{"id":1,"\\u0069d":2}}');
    expect([answer.status, answer.json.code]).eql([400, 'invalid_request']);
    expect(answer.json.errors).eql([{ path: 'user_metadata.id', message: 'is there twice' }]);
    expect(flowsAsked()).eql([]);
    expect((await patch('{"user_metadata":{"id":{"id":1}}}')).status).equal(200);
  });

  it('refuses malformed session ids', async () => {
    for (const id of ['x', '1', '%00', '%ZZ', "'%20OR%201=1", 'a'.repeat(2_000)]) {
      const answer = await call(app, 'DELETE', `${paths.sessions}/${id}`, undefined, bearer);
      expect(answer.json.code, id).equal('invalid_request');
    }
    expect(flowsAsked()).eql([]);
  });

  it('refuses a malformed request target without an error in the log', async () => {
    const { port } = new URL(app.url);
    for (const path of ['http://[:::/me', 'http://[:::/oauth/token']) {
      const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
        const asking = request({ port, path, host: '127.0.0.1' }, async (reply) =>
          resolve({ status: reply.statusCode, body: await text(reply) }),
        );
        asking.on('error', reject).end();
      });
      expect(answer.status).to.equal(400);
      expect(answer.body).to.contain('invalid_request');
    }
    expect(app.lines.filter((line) => line.includes('request failed'))).to.deep.equal([]);
  });

  it('answers 404 to unknown paths and methods, with the allowed methods of a known path', async () => {
    for (const path of ['/x', '/login/', '/LOGIN', '//login', '/oauth/nothing', '/%', '/..%2f..%2fetc/passwd', '/.env'])
      for (const method of ['GET', 'POST', 'PUT']) {
        const answer = await call(app, method, path);
        expect(answer.json.code, `${method} ${path}`).equal('not_found');
        expect(answer.status).equal(404);
      }
    const wrong = await call(app, 'GET', paths.login);
    expect([wrong.status, wrong.json.code, wrong.headers.get('allow')]).eql([404, 'not_found', 'POST']);
    const other = await call(app, 'PATCH', `${paths.sessions}/x`);
    expect(other.headers.get('allow')).equal('DELETE');
    expect(flowsAsked()).eql([]);
  });

  it('answers a missing token with a challenge before it reads the body', async () => {
    for (const [method, path] of guarded) {
      const answer = await call(app, method, path, method === 'POST' || method === 'PATCH' ? 'garbage' : undefined);
      expect([answer.status, answer.json.code], path).eql([401, 'unauthenticated']);
    }
    expect(app.calls).eql([]);
  });
});

const guarded = [
  ['POST', paths.logout],
  ['GET', paths.me],
  ['GET', paths.meExport],
  ['GET', paths.meActivity],
  ['PATCH', paths.me],
  ['DELETE', paths.me],
  ['POST', paths.mePassword],
  ['GET', paths.sessions],
  ['DELETE', `${paths.sessions}/${'5f1e2b6e-6a54-4a6f-9d6a-2f7c2f3b8a11'}`],
] as const;

/** Some fields are objects or lists by themselves. */
function fits(field: string, value: unknown): boolean {
  if (field === 'profile') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (field === 'user_metadata') return typeof value === 'object' && !Array.isArray(value);
  if (['name', 'picture', 'locale'].includes(field)) return value === null;
  return field === 'also_rotation_keys' && Array.isArray(value) && value.length === 0;
}
