import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Authenticated, paths } from '@latchkey/contract';
import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import express from 'express';
import * as oauth from 'oauth4webapi';
import type { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../test-kit/client/plain-socket.ts';
import { createProofMaker, hashOf, type ProofMaker } from '../test-kit/client/proof-maker.ts';
import { listen, portOf } from '../test-kit/listen.ts';
import { createSecrets } from '../test-kit/node/secrets.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';

const password = 'a long pass phrase of no user';
const plain = { [oauth.allowInsecureRequests]: true };
const callbackUrl = 'http://127.0.0.1:1/callback';
let users = 0;

describe('a session bound to a key', function () {
  this.timeout(60_000);
  const secrets = createSecrets();
  const dataDir = join(mkdtempSync(join(tmpdir(), 'latchkey-proof-')), 'data');
  let service: ServiceProcess;
  let client: PlainClient;
  let latchkey: Latchkey;
  let sockets: Server;
  let app: { http: HttpServer; url: string };
  let owner: ProofMaker;
  let thief: ProofMaker;

  before(async () => {
    service = await startService({ env: { LATCHKEY_DATA_DIR: dataDir, LATCHKEY_APP_URLS: callbackUrl } });
    await service.ready();
    client = createPlainClient({ url: service.url, secrets });
    [owner, thief] = [await createProofMaker(), await createProofMaker()];
    await serveApp();
  });
  after(async function () {
    this.timeout(30_000);
    client.close();
    latchkey.close();
    await sockets.close();
    await service.stop();
    rmSync(dirname(dataDir), { recursive: true });
  });

  /** An app of its own with a guarded route and sockets. */
  async function serveApp(): Promise<void> {
    const { backend_id, backend_secret } = JSON.parse(readFileSync(join(dataDir, 'backend.json'), 'utf8'));
    const http = createServer();
    await listen(http);
    app = { http, url: `http://127.0.0.1:${portOf(http)}` };
    latchkey = createLatchkey({
      url: service.url,
      backendId: backend_id,
      backendSecret: backend_secret,
      publicUrl: app.url,
    });
    const guarded = express();
    guarded.use('/api', latchkey.express());
    guarded.get('/api/who', (req, res) => void res.json((req as { auth?: object }).auth));
    http.on('request', guarded);
    sockets = latchkey.socketServe(http, { origins: [] });
    await latchkey.ready();
  }

  const proofOn = async (socket: PlainSocket, credential: string, at = service.url, by = owner) =>
    secrets.add(
      'proof',
      await by.make({ htm: 'SOCKET', htu: at, nonce: hashOf(socket.engineId()), ath: hashOf(credential) }),
    );

  /** Shows a code or token with a proof made for this very connection. */
  async function show(socket: PlainSocket, shown: { code?: string; token?: string }, by = owner, at = service.url) {
    const proof = await proofOn(socket, (shown.code ?? shown.token)!, at, by);
    return socket.authenticate({ ...shown, rotation_key: newKey(), proof });
  }

  async function enter(): Promise<{ socket: PlainSocket; first: Authenticated }> {
    const login = await client.register(`bound${++users}@example.test`, password, { dpop_jkt: owner.jkt });
    const socket = await client.connect();
    const outcome = await show(socket, login);
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { socket, first: outcome.payload };
  }

  /** The way of a browser: the proof is made once the engine id is known, before the namespace is asked for. */
  async function inHandshake(token: string): Promise<Authenticated> {
    const socket = io(service.url, {
      transports: ['websocket'],
      forceNew: true,
      auth(done) {
        const nonce = hashOf(socket.io.engine.id!);
        const claims = { htm: 'SOCKET', htu: service.url, nonce, ath: hashOf(token) };
        void owner.make(claims).then((proof) => done({ token, rotation_key: newKey(), proof }));
      },
    });
    try {
      return await new Promise((resolve, reject) => {
        socket.once('authenticated', resolve);
        socket.once('unauthorized', reject);
      });
    } finally {
      socket.disconnect();
    }
  }

  const codeOf = (outcome: Awaited<ReturnType<typeof show>>) =>
    outcome.event === 'unauthorized' ? outcome.payload.code : outcome.event;

  it('is used on sockets with proofs by its key, also in the handshake', async () => {
    const { first } = await enter();
    const probe = await client.connect();
    const proof = await proofOn(probe, first.token);
    const elsewhere = await client.connect({ auth: { token: first.token, rotation_key: newKey(), proof } });
    expect(codeOf(await elsewhere.outcome()), "another connection's proof").to.equal('proof_invalid');
    const second = await show(probe, { token: first.token });
    expect(codeOf(second)).to.equal('authenticated');
    const { token } = second.payload as Authenticated;
    expect((await inHandshake(token)).session.id).to.equal(first.session.id);
  });

  it('is refused without a proof, and may retry on the same socket', async () => {
    const { first } = await enter();
    const socket = await client.connect();
    const refused = await socket.authenticate({ token: first.token, rotation_key: newKey() });
    expect(refused.payload).to.include({ code: 'proof_required', retryable: true });
    expect(codeOf(await show(socket, { token: first.token }))).to.equal('authenticated');
  });

  it('refuses a copy of its storage, and stays alive', async () => {
    const { socket, first } = await enter();
    const copy = await client.connect();
    expect(codeOf(await copy.authenticate({ token: first.token, rotation_key: newKey() }))).to.equal('proof_required');
    expect(codeOf(await show(copy, { token: first.token }, thief))).to.equal('proof_invalid');
    expect(await copy.closed()).to.equal('io server disconnect');
    const answers = [
      await client.request('GET', paths.me, undefined, { authorization: `Bearer ${first.access_token}` }),
      await client.request('GET', paths.me, undefined, { authorization: `DPoP ${first.access_token}` }),
      await client.request('POST', paths.oauthToken, { grant_type: 'refresh_token', refresh_token: first.token }),
    ];
    expect(answers.map(({ status, body }) => [status, (body as { code: string }).code])).to.deep.equal([
      [401, 'proof_required'],
      [401, 'proof_required'],
      [400, 'proof_required'],
    ]);
    await socket.none('logged_out', 50);
    expect(codeOf(await show(socket, { token: first.token }))).to.equal('authenticated');
  });

  it('signs in through an app with a proof for that app only', async () => {
    const { first } = await enter();
    const atApp = createPlainClient({ url: service.url, socketUrl: app.url, secrets });
    const wrong = await atApp.connect();
    expect(codeOf(await show(wrong, { token: first.token }, owner, service.url))).to.equal('proof_invalid');
    const socket = await atApp.connect();
    const outcome = await show(socket, { token: first.token }, owner, app.url);
    expect(codeOf(outcome)).to.equal('authenticated');
    const here = await client.connect();
    const { token } = outcome.payload as Authenticated;
    expect(codeOf(await show(here, { token }, owner, app.url)), "the app's proof at the service").to.equal(
      'proof_invalid',
    );
    atApp.close();
  });

  it('leaves no proof, token or key in the log', () => {
    expect(secrets.count()).to.be.above(10);
    secrets.assertAbsent(service.log());
  });

  describe('with a standard client', () => {
    const web: oauth.Client = { client_id: 'a-front-end' };
    const publicClient = oauth.None();
    let as: oauth.AuthorizationServer;
    let DPoP: oauth.DPoPHandle;

    before(async () => {
      const found = await oauth.discoveryRequest(new URL(service.url), { algorithm: 'oauth2', ...plain });
      as = await oauth.processDiscoveryResponse(new URL(service.url), found);
    });
    beforeEach(async () => {
      DPoP = oauth.DPoP(web, await oauth.generateKeyPair('ES256'));
    });

    /** What the library's own examples do with a nonce that is asked for. */
    async function withNonce<T>(work: () => Promise<T>): Promise<T> {
      try {
        return await work();
      } catch (error) {
        if (!oauth.isDPoPNonceError(error)) throw error;
        return work();
      }
    }

    async function signIn(more: object) {
      const verifier = oauth.generateRandomCodeVerifier();
      const { body } = await client.request<{ url: string }>('POST', paths.register, {
        email: `standard${++users}@example.test`,
        password,
        code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        app: callbackUrl,
        state: 's',
        ...more,
      });
      const back = new URLSearchParams(new URL(body.url).hash.slice(1));
      const params = oauth.validateAuthResponse(as, web, back, 's');
      return withNonce(async () => {
        const options = { ...plain, DPoP };
        const answer = await oauth.authorizationCodeGrantRequest(
          as,
          web,
          publicClient,
          params,
          callbackUrl,
          verifier,
          options,
        );
        return oauth.processAuthorizationCodeResponse(as, web, answer);
      });
    }

    const bound = async () => signIn({ dpop_jkt: await DPoP.calculateThumbprint() });
    const refresh = (token: string, handle: oauth.DPoPHandle | undefined = DPoP) =>
      withNonce(async () => {
        const options = { ...plain, ...(handle === undefined ? {} : { DPoP: handle }) };
        const answer = await oauth.refreshTokenGrantRequest(as, web, publicClient, token, options);
        return oauth.processRefreshTokenResponse(as, web, answer);
      });
    const fetchAt = (url: string, token: string, handle: oauth.DPoPHandle | undefined = DPoP) =>
      withNonce(() =>
        oauth.protectedResourceRequest(token, 'GET', new URL(url), undefined, undefined, {
          ...plain,
          ...(handle === undefined ? {} : { DPoP: handle }),
        }),
      );
    const errorOf = (work: Promise<unknown>) =>
      work.then(
        () => 'no error',
        (error: unknown) => {
          if (error instanceof oauth.ResponseBodyError) return error.error;
          if (error instanceof oauth.WWWAuthenticateChallengeError)
            return `${error.status} ${error.cause[0]?.scheme} ${error.cause[0]?.parameters.error}`;
          return String(error);
        },
      );

    it('is in the metadata', () => {
      expect(as.dpop_signing_alg_values_supported).to.deep.equal(['ES256']);
    });

    it('is opened, refreshed and used at the service and at an app', async () => {
      const granted = await bound();
      expect(granted.token_type).to.equal('dpop');
      const next = await refresh(granted.refresh_token!);
      expect([next.token_type, next.session_id]).to.deep.equal(['dpop', granted.session_id]);
      const me = await fetchAt(`${service.url}${paths.me}`, next.access_token);
      expect([me.status, ((await me.json()) as { session_id: string }).session_id]).to.deep.equal([
        200,
        granted.session_id,
      ]);
      const activity = await fetchAt(`${service.url}${paths.meActivity}?limit=1`, next.access_token);
      expect(activity.status, 'an address with a query').to.equal(200);
      const who = await fetchAt(`${app.url}/api/who?x=1`, next.access_token);
      expect(who.status).to.equal(200);
      expect(await who.json()).to.deep.include({ cnf: { jkt: await DPoP.calculateThumbprint() } });
    });

    it('is refused without its key at the service and at an app', async () => {
      const granted = await bound();
      const other = oauth.DPoP(web, await oauth.generateKeyPair('ES256'));
      expect(await errorOf(refresh(granted.refresh_token!, other))).to.equal('invalid_dpop_proof');
      expect(await errorOf(refreshPlainly(granted.refresh_token!))).to.equal('invalid_dpop_proof');
      for (const url of [`${service.url}${paths.me}`, `${app.url}/api/who`]) {
        expect(await errorOf(fetchAt(url, granted.access_token, other))).to.equal('401 dpop invalid_dpop_proof');
        expect(await errorOf(fetchPlainly(url, granted.access_token))).to.equal('401 dpop invalid_token');
      }
      expect((await refresh(granted.refresh_token!)).token_type).to.equal('dpop');
    });

    it('is not created by a proof at the code grant only', async () => {
      const granted = await signIn({});
      expect(granted.token_type).to.equal('bearer');
      expect((await refreshPlainly(granted.refresh_token!)).token_type).to.equal('bearer');
      expect(await errorOf(fetchAt(`${app.url}/api/who`, granted.access_token))).to.equal('401 dpop invalid_token');
    });

    const refreshPlainly = async (token: string) =>
      oauth.processRefreshTokenResponse(
        as,
        web,
        await oauth.refreshTokenGrantRequest(as, web, publicClient, token, plain),
      );
    const fetchPlainly = (url: string, token: string) =>
      oauth.protectedResourceRequest(token, 'GET', new URL(url), undefined, undefined, plain);
  });

  it('is usable by pages of front ends, because CORS allows proofs and nonces', async () => {
    const answer = await fetch(`${service.url}${paths.me}`, {
      method: 'OPTIONS',
      headers: {
        origin: service.url,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization,dpop',
      },
    });
    expect(answer.headers.get('access-control-allow-headers')).to.match(/\bDPoP\b/);
    const used = await fetch(`${service.url}${paths.me}`, { headers: { origin: service.url, dpop: 'x' } });
    expect(used.headers.get('access-control-expose-headers')).to.match(/\bDPoP-Nonce\b/);
    expect(used.headers.get('dpop-nonce')).to.be.a('string');
  });
});
