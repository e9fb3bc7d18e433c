import { request } from 'node:http';
import { connect } from 'node:net';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { waitFor } from '../../../test-kit/wait-for.ts';
import type { HttpAppDeps } from '../../src/http/deps.ts';
import type { HttpRoute } from '../../src/http/route.ts';
import { createRoutes } from '../../src/http/routes.ts';
import { bearer, call, code, openTestApp, type TestApp, token, verifier } from './test-app.ts';

const id = '0b0e6f2e-39b4-4a8c-8a39-0a3d2b8a7c55';
const deps = { config: { requirePkce: true, appUrls: [] }, admin: {}, flows: {}, takesLoginFields: false };
const routes = createRoutes(deps as unknown as HttpAppDeps).filter(({ auth }) => auth !== 'admin');

const documents: readonly string[] = [
  ...[paths.metadata, paths.jwks, paths.healthLive, paths.healthReady, `${paths.brandLogos}/:file`],
];
/** RFC 6749 §3.1 and §3.2: parameters that are not known are ignored. */
const oauth: readonly string[] = [paths.oauthToken, paths.oauthRevoke, paths.oauthIntrospect, paths.signInRequest];
const isStrict = ({ path }: HttpRoute) => !documents.includes(path) && !oauth.includes(path);
const pathOf = ({ path }: HttpRoute) => path.replace(':id', id).replace(':file', 'a.png');

describe('what a route does not know', () => {
  let app: TestApp;
  before(async () => {
    app = await openTestApp();
  });
  beforeEach(() => app.reset());
  after(() => app.close());

  const flowsAsked = () => app.calls.map(({ name }) => name).filter((name) => name !== 'authenticate');

  for (const route of routes.filter(isStrict))
    it(`is refused in the query of ${route.method} ${route.path}`, async () => {
      const answer = await call(app, route.method, `${pathOf(route)}?extra=1`, undefined, bearer);
      expect([answer.status, answer.json.code], answer.text).eql([400, 'invalid_request']);
      expect(answer.text).include('extra').and.include('unknown key');
      expect(flowsAsked()).eql([]);
    });

  // The request for a sign-in needs a whole query first.
  for (const route of routes.filter(({ body, path }) => body === undefined && path !== paths.signInRequest))
    it(`is refused as a body of ${route.method} ${route.path}`, async () => {
      const { port } = new URL(app.url);
      for (const headers of [{ 'content-length': '2' }, { 'transfer-encoding': 'chunked' }]) {
        const answer = await send({ port, method: route.method, path: pathOf(route), headers }, '{}');
        expect(answer, route.path).include({ status: 400 });
        expect(answer.text).include('This request takes no body.');
      }
      expect(flowsAsked()).eql([]);
    });

  it('is no failure of the service when the connection closes before the body has ended', async () => {
    const socket = connect(Number(new URL(app.url).port), '127.0.0.1');
    socket.write('GET /health/live HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.end();
    await waitFor(() => app.lines.some((line) => line.includes('/health/live') && line.includes('"status"')));
    expect(app.lines.join('')).not.include('requests_unavailable').and.not.include('request failed');
  });

  function send({ headers, ...target }: { port: string; method: string; path: string; headers: object }, body: string) {
    return new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const asking = request({ ...target, headers: { ...headers, ...bearer }, host: '127.0.0.1' }, (reply) => {
        let text = '';
        reply.on('data', (chunk) => (text += chunk)).on('end', () => resolve({ status: reply.statusCode, text }));
      });
      asking.on('error', reject).end(body);
    });
  }

  it('is no chunked body of no bytes', async () => {
    const { port } = new URL(app.url);
    const headers = { 'transfer-encoding': 'chunked' };
    expect(await send({ port, method: 'DELETE', path: `${paths.sessions}/${id}`, headers }, '')).include({
      status: 200,
    });
  });

  it('is ignored in the query of a document, as health checks and caches write it', async () => {
    for (const path of [paths.metadata, paths.jwks, paths.healthLive, paths.healthReady])
      expect((await call(app, 'GET', `${path}?_=1`)).status, path).equal(200);
  });

  it('is ignored by the endpoints of OAuth, in the body and in the query', async () => {
    const bodies = {
      [paths.oauthToken]: { grant_type: 'authorization_code', code, code_verifier: verifier },
      [paths.oauthRevoke]: { token, token_type_hint: '' },
      [paths.oauthIntrospect]: { token, client_id: 'app', client_secret: 'k9' },
    };
    for (const [path, body] of Object.entries(bodies)) {
      const form = new URLSearchParams({ ...body, resource: 'https://api.test', operator: 'true' });
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const answer = await call(app, 'POST', `${path}?extra=1`, form.toString(), headers);
      expect(answer.status, answer.text).equal(200);
      expect(JSON.stringify(app.calls.splice(0))).not.include('operator');
    }
  });
});
