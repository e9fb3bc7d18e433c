import { gzipSync } from 'node:zlib';
import { errors, maxCredentialLength, paths, type Unauthorized } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { createPlainClient, newKey, newPkce, type PlainClient } from '../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../test-kit/client/plain-socket.ts';
import { sharedPostgres } from '../test-kit/database/shared-postgres.ts';
import { createSecrets } from '../test-kit/node/secrets.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';

const { verifier, challenge } = newPkce();
const signIn = {
  email: 'nobody@example.test',
  password: 'a pass phrase never stored',
  code_challenge: challenge,
  code_challenge_method: 'S256',
};
const mailSignIn = { ticket: challenge, code_challenge: challenge, code_challenge_method: 'S256' };
const json = { 'content-type': 'application/json' };

/** A body that is good but for its worth, by path; the list is compared with the contract's paths. */
const bodies: Readonly<Record<string, Record<string, unknown>>> = {
  [paths.register]: signIn,
  [paths.registration]: { ...signIn, profile: { name: 'Ada' } },
  [paths.login]: signIn,
  [paths.oauthToken]: { grant_type: 'authorization_code', code: 'a.b.c', code_verifier: verifier },
  [paths.oauthRevoke]: { token: 'a.b.c' },
  [paths.oauthIntrospect]: { token: 'a.b.c' },
  [paths.logout]: { scope: 'all' },
  [paths.mePassword]: { current_password: 'one pass phrase', new_password: 'another pass phrase' },
  [paths.passwordForgot]: { email: signIn.email },
  [paths.passwordReset]: { secret: challenge, new_password: 'another pass phrase' },
  [paths.loginEmail]: { email: signIn.email, ticket: challenge },
  [paths.loginEmailVerify]: { secret: challenge, ...mailSignIn },
  [paths.emailVerifyRequest]: { ticket: challenge },
  [paths.emailVerify]: { code: '123456', ...mailSignIn },
  [paths.emailUndo]: { secret: challenge },
  [paths.linksInspect]: { secret: challenge },
  [paths.invitationsAccept]: {
    ...{ secret: challenge, password: signIn.password, code_challenge: challenge, code_challenge_method: 'S256' },
  },
  [paths.meVerificationRequest]: {},
  [paths.meVerification]: { code: '123456' },
  [paths.meEmail]: { email: signIn.email, current_password: 'one pass phrase' },
  [paths.meEmailVerify]: { secret: challenge },
  [paths.requestProbe]: { nonce: challenge, proof: challenge },
};
const reads = [
  paths.signInRequest,
  paths.signInOptions,
  paths.brandLogos,
  paths.me,
  paths.meExport,
  paths.meActivity,
  paths.sessions,
  paths.metadata,
  paths.jwks,
  paths.healthLive,
  paths.healthReady,
  paths.openApi,
  paths.asyncApi,
];

const jwt = (header: object, payload: object) =>
  [header, payload].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
const claims = { sid: '5f1e2b6e-6a54-4a6f-9d6a-2f7c2f3b8a11', gen: 1, tag: 'x', exp: 4_000_000_000 };

/** Credentials that were never issued. */
const forged = [
  'x',
  '...',
  'null.null.null',
  `${jwt({ alg: 'none', typ: 'code+jwt' }, claims)}.`,
  `${jwt({ alg: 'HS256', typ: 'session+jwt' }, claims)}.AAAA`,
  `${jwt({ alg: 'HS256', typ: 'session+jwt', kid: '../../etc/passwd' }, claims)}.AAAA`,
  `${jwt({ alg: 'ES256', typ: 'at+jwt', kid: '__proto__' }, claims)}.AAAA`,
  `${jwt({ alg: 'HS256', typ: 'code+jwt', crit: ['x'] }, { ...claims, sid: { $ne: 1 } })}.AAAA`,
  `${jwt([], null as never)}.AAAA`,
  'é\0'.repeat(40),
];

describe('invalid input', function () {
  this.timeout(120_000);
  const secrets = createSecrets();
  let service: ServiceProcess;
  let database: pg.Client;
  let client: PlainClient;
  let live: PlainSocket;
  let bearer: { authorization: string };
  let untouched: string;

  before(async () => {
    const url = await (await sharedPostgres()).createDatabase();
    const env = { DATABASE_URL: url, LATCHKEY_SECRET: secrets.add('secret', newKey() + newKey()) };
    const migration = await startService({ args: ['migrate'], env });
    expect(await migration.exited(), migration.log()).equal(0);
    service = await startService({ env });
    await service.ready();
    database = new pg.Client(url);
    await database.connect();
    client = createPlainClient({ url: service.url, secrets });
    await openSession();
    untouched = await stableState();
  });
  after(async () => {
    client?.close();
    await database?.end();
    await service?.stop();
  });

  afterEach('nothing changed, process alive', async () => {
    expect((await client.request('GET', paths.healthLive)).status).equal(200);
    expect(await state()).equal(untouched);
    expect(live.raw.connected).equal(true);
  });

  async function openSession(): Promise<void> {
    const login = await client.register('ada@example.test', secrets.add('password', 'seven quiet lamps burn'));
    live = await client.connect();
    const outcome = await live.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(JSON.stringify(outcome.payload));
    bearer = { authorization: `Bearer ${outcome.payload.access_token}` };
  }

  /** Everything the service keeps, but what changes by itself: presence, servers, traffic, and how far jobs and clocks are. */
  async function state(): Promise<string> {
    const { rows } = await database.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = 'public' AND table_name NOT IN ('notice_cursors', 'presence', 'servers', 'traffic')
       ORDER BY 1`,
    );
    const sums = rows.map(
      ({ name }) => `SELECT '${name}' AS name, md5(string_agg(r, ',' ORDER BY r)) AS sum
        FROM (SELECT (to_jsonb(t) - 'clock_high')::text AS r FROM ${name} t) rows`,
    );
    return JSON.stringify((await database.query(sums.join(' UNION ALL '))).rows);
  }

  /** What follows from signing in (the acknowledgement) is written a little later. */
  async function stableState(): Promise<string> {
    for (let last = ''; ; ) {
      const now = await state();
      if (now === last) return now;
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 600));
    }
  }

  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    client.request<{ code?: string; error?: string }>(method, path, body, { ...bearer, ...headers });

  async function refused(
    code: keyof typeof errors,
    path: string,
    body: unknown,
    headers: Record<string, string> = json,
  ) {
    const answer = await send('POST', path, body, headers);
    expect([answer.status, answer.body.code], `${path} ${String(body).slice(0, 80)}`).eql([errors[code].status, code]);
  }

  it('is sent to every path', () => {
    expect([...Object.keys(bodies), ...reads].sort()).eql(Object.values(paths).sort());
  });

  for (const [path, body] of Object.entries(bodies)) {
    describe(`POST ${path}`, () => {
      it('refuses missing fields and wrong types', async () => {
        for (const field of Object.keys(body)) {
          const { [field]: _, ...rest } = body;
          if (field !== 'scope' && field !== 'profile') await refused('invalid_request', path, rest);
          for (const wrong of [null, 7, true, [], ['x'], [[[{}]]]])
            await refused('invalid_request', path, { ...body, [field]: wrong });
        }
      });

      // The endpoints of OAuth ignore them (RFC 6749 §3.2).
      if (!path.startsWith('/oauth/'))
        it('refuses unknown keys', async () => {
          for (const extra of ['operator', 'id', 'tenant_id', 'sid', 'constructor', 'dpop_jkt'])
            await refused('invalid_request', path, { ...body, [extra]: 'x' });
          await refused('invalid_request', path, `{"__proto__":{"operator":true},${JSON.stringify(body).slice(1)}`);
        });

      it('refuses malformed bodies', async () => {
        for (const garbage of ['{', '[]', 'null', '"x"', '\0', '{"a":1e', '['.repeat(30_000), 'a=b&c=d'])
          await refused('invalid_request', path, garbage);
        await refused('unsupported_media_type', path, JSON.stringify(body), { 'content-type': 'text/plain' });
      });

      it('refuses a body above the limit', async () => {
        await refused('payload_too_large', path, { ...body, extra: 'x'.repeat(70_000) });
        const bomb = gzipSync(Buffer.alloc(20_000_000, 32));
        const answer = await fetch(service.url + path, {
          method: 'POST',
          headers: { ...json, ...bearer, 'content-encoding': 'gzip' },
          body: bomb,
        });
        expect(answer.status).equal(413);
        await answer.arrayBuffer();
      });
    });
  }

  it('refuses a profile of a wrong shape', async () => {
    const bodies = [
      {},
      { name: 7 },
      { picture: 'http://a.test' },
      { locale: '?' },
      { user_metadata: [] },
      { operator: true },
    ];
    for (const body of [...bodies, { app_metadata: {} }, '{', '[]']) {
      const answer = await send('PATCH', paths.me, body, json);
      expect([answer.status, answer.body.code], JSON.stringify(body)).eql([400, 'invalid_request']);
    }
  });

  it('ends no session by forged credentials', async () => {
    for (const credential of forged) {
      const grants = [
        { grant_type: 'authorization_code', code: credential, code_verifier: verifier },
        { grant_type: 'refresh_token', refresh_token: credential },
      ];
      for (const grant of grants) {
        const answer = await send('POST', paths.oauthToken, grant);
        expect([answer.status, answer.body.error]).eql([400, 'invalid_grant']);
      }
      expect((await send('POST', paths.oauthRevoke, { token: credential })).status).equal(200);
      const authorization = `Bearer ${encodeURIComponent(credential)}`;
      for (const path of [paths.me, paths.sessions]) {
        const answer = await send('GET', path, undefined, { authorization });
        expect([answer.status, answer.body.code]).eql([401, 'unauthenticated']);
      }
    }
  });

  it('refuses malformed ids, unknown paths and unknown methods', async () => {
    for (const id of ['x', '0', '%00', "'; DROP TABLE sessions; --", 'a'.repeat(3_000)])
      expect((await send('DELETE', `${paths.sessions}/${encodeURIComponent(id)}`)).body.code).equal('invalid_request');
    for (const path of [...Object.values(paths), '/nowhere', '/admin', '/.env', '/oauth', '/socket.io/../me'])
      for (const method of path.endsWith(paths.me) ? ['PUT'] : ['PUT', 'PATCH', 'DELETE'])
        expect((await send(method, path)).status, `${method} ${path}`).equal(404);
  });

  describe('on sockets', () => {
    const wrongPayloads = [
      null,
      7,
      true,
      'text',
      [],
      [{}],
      { extra: 1 },
      { scope: 'everything' },
      { admin: 'yes' },
      new Uint8Array(3),
    ];
    const key = newKey();

    /** A socket of its own for what ends a socket. */
    async function alone<T>(work: (socket: PlainSocket) => Promise<T>): Promise<T> {
      const socket = await client.connect();
      try {
        return await work(socket);
      } finally {
        socket.close();
      }
    }

    const authenticates: readonly unknown[] = [
      ...wrongPayloads,
      {},
      { code: 5 },
      { token: { $ne: null } },
      { code: 'a.b.c', token: 'a.b.c' },
      { code: 'a.b.c', code_verifier: 'short', rotation_key: key },
      { token: 'a.b.c', rotation_key: 'short' },
      { token: 'a.b.c', rotation_key: key, also_rotation_keys: [key, key, key, key] },
      { token: 'a.b.c', rotation_key: key, __proto__x: 1, sid: claims.sid },
      { token: 'x'.repeat(maxCredentialLength + 1) },
    ];

    it('refuses an `authenticate` of a wrong shape', async () => {
      for (const payload of authenticates)
        await alone(async (socket) => {
          socket.raw.emit('authenticate', payload);
          const { code, retryable } = await socket.next<Unauthorized>('unauthorized');
          expect([code, retryable], JSON.stringify(payload)).eql(['invalid_request', false]);
        });
    });

    it('refuses the auth of a handshake of a wrong shape', async () => {
      for (const auth of [{ code: 5 }, { token: ['x'] }, { extra: 1 }, { token: 'a.b.c', rotation_key: 1 }]) {
        const socket = await client.connect({ auth });
        expect((await socket.next<Unauthorized>('unauthorized')).code).equal('invalid_request');
        socket.close();
      }
    });

    it('refuses forged credentials', async () => {
      for (const token of forged)
        await alone(async (socket) => {
          socket.raw.emit('authenticate', { token, rotation_key: key });
          const { code } = await socket.next<Unauthorized>('unauthorized');
          expect(code, token).oneOf(['token_invalid', 'code_invalid']);
        });
    });

    it('refuses calls of a wrong shape on a signed-in socket', async () => {
      for (const event of ['refresh', 'logout', 'activity'])
        for (const payload of wrongPayloads.filter((wrong) => wrong !== null)) {
          const answer = await live.call<{ ok: boolean; error: { code: string } }>(event, payload);
          // `refresh` takes a scope (RFC 6749 §6), and this one was not granted.
          const isScope = event === 'refresh' && Object.hasOwn(Object(payload), 'scope');
          const expected = isScope ? 'invalid_scope' : 'invalid_request';
          expect([answer.ok, answer.error.code], `${event} ${JSON.stringify(payload)}`).eql([false, expected]);
        }
    });

    it('refuses every call of an unauthenticated socket, and continues after unknown ones', async () => {
      await alone(async (socket) => {
        for (const event of ['refresh', 'logout', 'activity', 'api', 'constructor', '__proto__', '']) {
          const answer = await socket.call<{ ok: boolean; error: { code: string } }>(event, {});
          expect([answer.ok, answer.error.code], event).eql([false, 'unauthenticated']);
        }
      });
      live.raw.emit('no such event', { a: [1, { b: 2 }] });
      live.raw.emit('authenticated', {});
    });

    it('continues after calls without acknowledgements and with too many arguments', async () => {
      for (const event of ['refresh', 'nothing']) {
        live.raw.emit(event);
        live.raw.emit(event, {}, {}, {}, 'x');
      }
      live.raw.emit('logout', { scope: 'everything' });
    });

    it('closes connections that send no Socket.IO packets, or too many', async () => {
      const packets = [
        'garbage',
        '2',
        '2[',
        '2["authenticate"',
        '2{}',
        '2[1]',
        '9',
        '51-["a",{"_placeholder":true,"num":9}]',
        '3999[]',
      ];
      for (const packet of [...packets, `2["authenticate","${'x'.repeat(70_000)}"]`])
        await alone(async (socket) => {
          socket.raw.io.engine.write(packet);
          await new Promise((resolve) => setTimeout(resolve, 20));
        });
      await alone(async (socket) => {
        socket.raw.emit('authenticate', { token: 'x'.repeat(70_000) });
        expect(await socket.closed()).match(/transport/);
      });
    });
  });

  it('leaves no secret in the log', () => {
    expect(service.log()).include('"level":"debug"');
    expect(secrets.count()).above(5);
    secrets.assertAbsent(service.log());
  });
});
