import { fail } from '@latchkey/contract';
import {
  type CauseCode,
  type LatchkeyOptions,
  maxAuthAge,
  type RouteOptions,
  requireScope,
} from '@latchkey/sdk-server';
import { expect } from 'chai';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { io as connect } from 'socket.io-client';
import { sessionId, startScriptedService } from '../../sdk-server/test/client/scripted-service.ts';
import { createProofMaker, hashOf } from '../../test-kit/client/proof-maker.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { type Line, type PlantedBackend, plantBackend } from './planted-backend.ts';

const maker = await createProofMaker();
const now = () => Math.floor(Date.now() / 1_000);

interface Body {
  readonly code: string;
  readonly detail?: string;
  readonly request_id: string;
}

describe('troubleshooting: refused requests of routes', () => {
  let backend: PlantedBackend;
  let url: string;

  async function serve(options: Partial<LatchkeyOptions> = {}, route: RouteOptions = {}): Promise<void> {
    backend = await plantBackend(options);
    await backend.latchkey.ready();
    const guard = backend.latchkey.node(route);
    ({ url } = await backend.listen(async (request, response) => {
      if (await guard(request, response)) response.end('{}');
    }));
  }
  async function ask(headers: Record<string, string>, method = 'GET'): Promise<Body> {
    const answer = await fetch(url, { method, headers });
    return (await answer.json()) as Body;
  }
  const askWith = (token: string) => ask({ authorization: `Bearer ${token}` });
  const boundToken = () => backend.service.token({ cnf: { jkt: maker.jkt } });
  async function askProved(token: string, change: object = {}, more: Record<string, string> = {}): Promise<Body> {
    const dpop = await maker.make({ htu: `${url}/`, ath: hashOf(token), ...change });
    return ask({ authorization: `DPoP ${token}`, dpop, ...more });
  }

  /** The answer has the code, and says in development what the log line says; the line has the answer's `request_id`. */
  async function logged(answer: Body, code: string, cause: CauseCode, setting: string): Promise<Line> {
    const line = await backend.logged(cause, setting);
    expect(answer.code).to.equal(code);
    expect(answer.detail).to.include(line.message);
    expect(line).to.include({ code, request_id: answer.request_id });
    return line;
  }

  afterEach(() => backend.end());

  it('not_ready: the server listens before ready()', async () => {
    const service = await startScriptedService();
    service.answers.subscribe = () => undefined;
    backend = await plantBackend({}, service);
    const guard = backend.latchkey.node();
    ({ url } = await backend.listen((request, response) => void guard(request, response)));
    await logged(await askWith(await service.token()), 'revocations_not_ready', 'not_ready', 'ready');
    await service.stop();
  });

  it('revocations_stale: a route of the policy deny while the service is away', async () => {
    await serve({ maxStalenessMs: 1 }, { policy: 'deny' });
    await waitFor(() => backend.latchkey.health().isStale);
    await logged(await askWith(await backend.service.token()), 'revocations_stale', 'revocations_stale', 'policy');
  });

  it('token_missing: a front end without apis', async () => {
    await serve();
    await logged(await ask({}), 'unauthenticated', 'token_missing', 'apis');
  });

  it('preflight_refused: a guard before CORS', async () => {
    await serve();
    const headers = { origin: 'https://app.test', 'access-control-request-method': 'POST' };
    await logged(await ask(headers, 'OPTIONS'), 'unauthenticated', 'preflight_refused', 'CORS');
  });

  it('token_expired: a client that does not renew', async () => {
    await serve();
    await logged(
      await askWith(await backend.service.token({ exp: now() - 60 })),
      'unauthenticated',
      'token_expired',
      'client',
    );
  });

  it('token_malformed: a session token in place of an access token', async () => {
    await serve();
    const token = await backend.service.token({}, { typ: 'lk-session+jwt' });
    await logged(await askWith(token), 'unauthenticated', 'token_malformed', 'client');
  });

  it('token_of_other_keys: a token of another service', async () => {
    await serve();
    const other = await startScriptedService();
    await logged(await askWith(await other.token()), 'unauthenticated', 'token_of_other_keys', 'url');
    await other.stop();
  });

  it('issuer_unexpected: another issuer with the same keys', async () => {
    await serve();
    const token = await backend.service.token({ iss: 'https://id.test' });
    const { detail } = await logged(await askWith(token), 'unauthenticated', 'issuer_unexpected', 'issuer');
    expect(detail).to.include('"https://id.test", expected').and.include(backend.service.url);
  });

  it('audience_unexpected: a token for other apps', async () => {
    await serve();
    const token = await backend.service.token({ aud: 'https://apps.test' });
    await logged(await askWith(token), 'unauthenticated', 'audience_unexpected', 'audience');
  });

  it('session_ended: a client that keeps its access token', async () => {
    await serve();
    backend.service.end([sessionId]);
    await waitFor(() => backend.latchkey.health().revokedCount === 1);
    await logged(await askWith(await backend.service.token()), 'unauthenticated', 'session_ended', 'client');
  });

  it('scheme_wrong: DPoP for a token without a key', async () => {
    await serve();
    await logged(await askProved(await backend.service.token()), 'unauthenticated', 'scheme_wrong', 'client');
  });

  it('proof_missing: a proxy that drops the header DPoP', async () => {
    await serve();
    await logged(await ask({ authorization: `DPoP ${await boundToken()}` }), 'proof_required', 'proof_missing', 'DPoP');
  });

  it('proof_of_other_url: a proxy that changes the header Host', async () => {
    await serve();
    const answer = await askProved(await boundToken(), { htu: 'https://api.test/?secret=1' });
    const { detail } = await logged(answer, 'proof_invalid', 'proof_of_other_url', 'publicUrl');
    expect(detail).to.equal(
      `the proof names https://api.test/, expected ${url}/ or ${url.replace('http:', 'https:')}/`,
    );
  });

  it('proof_unfit: a proof of another access token', async () => {
    await serve();
    await logged(await askProved(await boundToken(), { ath: hashOf('x') }), 'proof_invalid', 'proof_unfit', 'client');
  });

  it('proof_repeated: a request that is sent twice', async () => {
    await serve();
    const token = await boundToken();
    const headers = { authorization: `DPoP ${token}`, dpop: await maker.make({ htu: `${url}/`, ath: hashOf(token) }) };
    await ask(headers);
    await logged(await ask(headers), 'proof_invalid', 'proof_repeated', 'client');
  });

  it('proof_nonce_needed: a client with a wrong clock', async () => {
    await serve();
    const answer = await askProved(await boundToken(), { iat: now() - 3_600 });
    await logged(answer, 'use_dpop_nonce', 'proof_nonce_needed', 'DPoP-Nonce');
  });

  it('scope_missing: a scope that the service does not grant', async () => {
    await serve({}, { require: [requireScope('report')] });
    const answer = await askWith(await backend.service.token());
    await logged(answer, 'insufficient_scope', 'scope_missing', 'LATCHKEY_DEFAULT_SCOPES');
    expect(answer.detail).to.include('This route needs the scope report.');
  });

  it('sign_in_too_old: maxAuthAge of a route', async () => {
    await serve({}, { require: [maxAuthAge(60)] });
    const token = await backend.service.token({ auth_time: now() - 600 });
    await logged(await askWith(token), 'reauthentication_required', 'sign_in_too_old', 'maxAuthAge');
  });

  it('request_refused: a condition of the app', async () => {
    const refuse = () => {
      throw fail('forbidden', { detail: 'no owner' });
    };
    await serve({}, { require: [Object.assign(refuse, { challenge: {} })] });
    const { detail } = await logged(
      await askWith(await backend.service.token()),
      'forbidden',
      'request_refused',
      'require',
    );
    expect(detail).to.equal('no owner');
  });

  it('socket_proof_refused: a socket server under another origin', async () => {
    await serve();
    const refusal = { code: 'proof_invalid', message: 'The proof is not valid.', retryable: false };
    backend.service.answers.exchange = () => ({ ok: false, error: refusal });
    const { http, url: socketUrl } = await backend.listen();
    backend.latchkey.socketServe(http, { origins: [] });
    const socket = connect(socketUrl, { transports: ['websocket'], forceNew: true });
    const refused = new Promise<{ detail?: string }>((resolve) => void socket.once('unauthorized', resolve));
    socket.emit('authenticate', { token: 'a.b.c', proof: 'd.e.f' });
    const { detail } = await refused;
    expect(detail).to.equal((await backend.logged('socket_proof_refused', 'publicUrl')).message);
    socket.close();
  });

  describe('counts of repeated refusals, by the guard of', () => {
    const apps: Record<string, () => Promise<{ url: string; stop(): unknown }>> = {
      async express() {
        const app = express().use(backend.latchkey.express());
        return { url: (await backend.listen(app)).url, stop: () => {} };
      },
      async koa() {
        const app = new Koa().use(backend.latchkey.koa());
        return { url: (await backend.listen(app.callback())).url, stop: () => {} };
      },
      async fastify() {
        const app = fastify();
        app.addHook('onRequest', backend.latchkey.fastify());
        app.get('/', async () => ({}));
        return { url: await app.listen({ port: 0, host: '127.0.0.1' }), stop: () => app.close() };
      },
    };
    for (const [name, start] of Object.entries(apps)) {
      it(name, async () => {
        backend = await plantBackend();
        await backend.latchkey.ready();
        const app = await start();
        const answers: Body[] = [];
        for (let at = 0; at < 5; at += 1) answers.push((await (await fetch(app.url)).json()) as Body);
        const line = await backend.logged('token_missing', 'apis');
        expect(line).to.include({ count: 1, request_id: answers[0]!.request_id });
        expect(backend.latchkey.health().causes.find(({ code }) => code === 'token_missing')?.count).to.equal(5);
        await backend.latchkey.shutdown(1);
        expect(backend.lines.at(-1)).to.include({ count: 4, request_id: answers[4]!.request_id });
        await app.stop();
      });
    }
  });
});
