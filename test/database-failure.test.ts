import { type Ack, backendCalls, backendScopes, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { type Credential, openPlainBackend, type PlainBackend } from '../test-kit/client/plain-backend.ts';
import { newKey, newPkce } from '../test-kit/client/plain-client.ts';
import { codeOfAck } from '../test-kit/codes.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { startTcpProxy, type TcpProxy } from '../test-kit/tcp-proxy.ts';
import { adminToken, basicOf, bearerOf, command, password, type SignedInUser, signUp } from './admin/signed-in-user.ts';

const anyId = '5f1e2b6e-6a54-4a6f-9d6a-2f7c2f3b8a11';

describe('while the database refuses connections', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let proxy: TcpProxy;
  let service: ServiceProcess;
  let user: SignedInUser;
  let operator: SignedInUser;
  let bearer: Record<string, string>;
  let administrator: Record<string, string>;
  let credential: Credential;
  let backend: PlainBackend;

  before(async () => {
    cluster = await createCluster();
    proxy = await startTcpProxy({ port: Number(new URL(cluster.databaseUrl).port) });
    service = await cluster.start({ DATABASE_URL: proxy.urlFor(cluster.databaseUrl) });
    user = await signUp(service.url, 'ann@example.test');
    operator = await signUp(service.url, 'olga@example.test');
    await command(cluster.env, 'operator', 'add', operator.email);
    bearer = bearerOf(user.accessToken);
    administrator = bearerOf(await adminToken(operator));
    credential = await cluster.makeBackend('--scopes', backendScopes.join(','));
    backend = openPlainBackend(service.url, credential);
    await backend.connected();
    proxy.refuse(true);
    proxy.cutAll();
  });
  after(async () => {
    user.client.close();
    operator.client.close();
    backend.close();
    proxy.refuse(false);
    await proxy.close();
    await cluster.stop();
  });

  const unavailable = { code: 'unavailable', retryable: true };

  for (const [event, payload] of [
    ['refresh', {}],
    ['logout', {}],
    ['logout', { scope: 'others' }],
  ] as const)
    it(`answers unavailable to ${event} ${JSON.stringify(payload)} on a socket, which stays`, async () => {
      const answer = await user.socket.call<Ack<unknown>>(event, payload);
      expect(answer).to.deep.include({ ok: false });
      expect((answer as { error: object }).error).to.include(unavailable);
      expect(user.socket.raw.connected).to.equal(true);
    });

  it('answers unavailable to authenticate and to admin_subscribe on a socket', async () => {
    const { payload } = await user.socket.authenticate({ token: user.token, rotation_key: newKey() });
    expect(payload).to.include(unavailable);
    const token = administrator.authorization!.slice('Bearer '.length);
    const answer = await operator.socket.call<Ack<unknown>>('admin_subscribe', { access_token: token });
    expect(codeOfAck(answer)).to.equal('unavailable');
  });

  const pkce = { code_challenge: newPkce().challenge, code_challenge_method: 'S256' };
  const signIn = { email: 'ann@example.test', password, ...pkce };
  const routes: readonly [method: string, path: string, who: () => Record<string, string>, body?: () => object][] = [
    ['POST', paths.login, () => ({}), () => signIn],
    ['POST', paths.register, () => ({}), () => ({ ...signIn, email: 'new@example.test' })],
    ['POST', paths.oauthToken, () => ({}), () => ({ grant_type: 'refresh_token', refresh_token: user.token })],
    ['POST', paths.oauthRevoke, () => ({}), () => ({ token: user.token })],
    ['POST', paths.oauthIntrospect, () => basicOf(credential), () => ({ token: user.accessToken })],
    ['POST', paths.logout, () => bearer, () => ({})],
    ['GET', paths.me, () => bearer],
    [
      'POST',
      paths.mePassword,
      () => bearer,
      () => ({ current_password: password, new_password: 'another long password' }),
    ],
    ['GET', paths.sessions, () => bearer],
    ['DELETE', `${paths.sessions}/${anyId}`, () => bearer],
    ['GET', '/admin/overview', () => administrator],
    ['GET', '/admin/tenants', () => administrator],
    ['PATCH', '/admin/tenants/default', () => administrator, () => ({ name: 'Default' })],
    ['DELETE', '/admin/tenants/default/sessions', () => administrator],
    ['GET', '/admin/users', () => administrator],
    ['GET', `/admin/users/${anyId}`, () => administrator],
    ['DELETE', `/admin/users/${anyId}/sessions`, () => administrator],
    ['GET', '/admin/sessions', () => administrator],
    ['DELETE', `/admin/sessions/${anyId}`, () => administrator],
    ['GET', '/admin/backends', () => administrator],
    ['GET', '/admin/keys', () => administrator],
    ['POST', '/admin/keys/rotate', () => administrator, () => ({})],
    ['GET', '/admin/audit', () => administrator],
  ];
  for (const [method, path, who, body] of routes)
    it(`answers 503 to ${method} ${path}`, async () => {
      const { status, body: problem } = await user.client.request<{ code: string }>(method, path, body?.(), who());
      expect([status, problem.code]).to.deep.equal([503, 'unavailable']);
    });

  const peer = { connection_id: 'c1', origin: null, address: null, user_agent: null };
  const calls: Partial<Record<keyof typeof backendCalls, () => object>> = {
    exchange: () => ({ credential: user.token, peer }),
    refresh: () => ({ sid: user.sid }),
    logout: () => ({ sid: user.sid }),
    sessions: () => ({ sids: [user.sid] }),
    tenantGet: () => ({ tenant_id: 'default' }),
    tenantSet: () => ({ tenant_id: 'default', max_active_minutes: 60 }),
    introspect: () => ({ token: user.accessToken }),
  };
  for (const [name, payload] of Object.entries(calls))
    it(`answers unavailable to the call ${name} of a backend`, async () => {
      const event = backendCalls[name as keyof typeof backendCalls];
      const answer = await backend.call<Ack<unknown>>(event, payload());
      expect(codeOfAck(answer)).to.equal('unavailable');
    });

  it('answers unavailable to a backend that connects', async () => {
    const late = openPlainBackend(service.url, credential);
    const refused = await late.connected().catch((error: unknown) => error);
    late.close();
    expect(refused).to.include(unavailable);
  });

  it('has logged the cause of each refusal, and no internal error', () => {
    expect(service.log()).to.not.include('internal_error');
    expect(service.log()).to.include('"requests_unavailable"');
    expect(service.log()).to.not.match(
      /socket call was refused|of a backend was refused|request failed|work failed|job failed/,
    );
  });
});
