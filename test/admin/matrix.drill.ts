import { randomUUID } from 'node:crypto';
import { type Ack, type AdminInvitationResponse, adminPaths, type Problem, type Refreshed } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newKey, type PlainClient } from '../../test-kit/client/plain-client.ts';
import { createProofMaker, hashOf } from '../../test-kit/client/proof-maker.ts';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import {
  adminToken,
  basicOf,
  bearerOf,
  command,
  password,
  query,
  type SignedInUser,
  signUp,
} from './signed-in-user.ts';

type Headers = Record<string, string>;

/** One route, and a request of it that does as little as it can. */
interface Row {
  readonly method: string;
  readonly path: (ids: Ids) => string;
  readonly body?: (ids: Ids) => object;
}

interface Ids {
  readonly user: string;
  readonly session: string;
  readonly invitation: string;
}

const { overview, tenants, users, sessions, backends, keys, audit, mails, invitations } = adminPaths;

/** Every route of `/admin`. */
const rows: readonly Row[] = [
  { method: 'GET', path: () => overview },
  { method: 'GET', path: () => tenants },
  { method: 'POST', path: () => tenants, body: () => ({ id: `t-${randomUUID().slice(0, 8)}`, name: 'Bank' }) },
  { method: 'GET', path: () => `${tenants}/default` },
  { method: 'PATCH', path: () => `${tenants}/default`, body: () => ({ registration_open: true }) },
  { method: 'DELETE', path: () => `${tenants}/empty/sessions` },
  { method: 'DELETE', path: () => `${tenants}/closed` },
  { method: 'GET', path: () => users },
  { method: 'GET', path: ({ user }) => `${users}/${user}` },
  { method: 'PATCH', path: ({ user }) => `${users}/${user}`, body: () => ({ operator: false }) },
  {
    method: 'POST',
    path: () => users,
    body: () => ({ tenant_id: 'default', email: `${randomUUID()}@example.test` }),
  },
  { method: 'DELETE', path: ({ user }) => `${users}/${user}` },
  { method: 'DELETE', path: ({ user }) => `${users}/${user}/sessions` },
  { method: 'POST', path: () => `${users}/import`, body: () => ({ users: [{ external_id: randomUUID() }] }) },
  { method: 'POST', path: ({ user }) => `${users}/${user}/claims` },
  { method: 'GET', path: () => sessions },
  { method: 'GET', path: ({ session }) => `${sessions}/${session}` },
  { method: 'DELETE', path: ({ session }) => `${sessions}/${session}` },
  { method: 'GET', path: () => backends },
  { method: 'POST', path: () => backends, body: () => ({ name: 'App' }) },
  { method: 'POST', path: () => `${backends}/spare/rotate` },
  { method: 'DELETE', path: () => `${backends}/missing` },
  { method: 'GET', path: () => keys },
  { method: 'POST', path: () => `${keys}/rotate` },
  { method: 'GET', path: () => audit },
  { method: 'GET', path: () => mails },
  { method: 'GET', path: () => invitations },
  {
    method: 'POST',
    path: () => invitations,
    body: () => ({ tenant_id: 'default', email: `${randomUUID()}@example.test`, send: false }),
  },
  { method: 'DELETE', path: ({ invitation }) => `${invitations}/${invitation}` },
];

/** Who asks, and what `/admin` says to them. */
const askers = {
  anonymous: 'unauthenticated',
  user: 'unauthenticated',
  'an operator with the usual access token': 'unauthenticated',
  'an operator whose mark was taken': 'forbidden',
  'an operator whose session has ended': 'unauthenticated',
  'a backend without the scope': 'forbidden',
  'a backend with a wrong secret': 'unauthenticated',
  'an operator': 'ok',
  'a backend with the scope': 'ok',
} as const;
type Asker = keyof typeof askers;

describe('permissions at /admin', () => {
  let cluster: Cluster;
  let url: string;
  let anybody: PlainClient;
  let shown: Record<Asker, Headers>;
  const signedInUsers: SignedInUser[] = [];

  const ask = (method: string, path: string, body: object | undefined, headers: Headers) =>
    anybody.request<Problem>(method, path, body, headers);

  async function newcomer(name: string): Promise<SignedInUser> {
    const user = await signUp(url, `${name}@example.test`);
    signedInUsers.push(user);
    return user;
  }

  async function newOperator(name: string): Promise<SignedInUser> {
    const user = await newcomer(name);
    const { code, log } = await command(cluster.env, 'operator', 'add', user.email);
    expect(code, log).equal(0);
    return user;
  }

  before(async function () {
    this.timeout(120_000);
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    ({ url } = await cluster.start());
    anybody = createPlainClient({ url });
    const operator = await newOperator('operator');
    const unmarked = await newOperator('unmarked');
    const ended = await newOperator('ended');
    const unscoped = await cluster.makeBackend();
    shown = {
      anonymous: {},
      user: bearerOf((await newcomer('user')).accessToken),
      'an operator with the usual access token': bearerOf(operator.accessToken),
      'an operator whose mark was taken': bearerOf(await adminToken(unmarked)),
      'an operator whose session has ended': bearerOf(await adminToken(ended)),
      'a backend without the scope': basicOf(unscoped),
      'a backend with a wrong secret': basicOf({ ...unscoped, backend_secret: 'wrong' }),
      'an operator': bearerOf(await adminToken(operator)),
      'a backend with the scope': basicOf(await cluster.makeBackend('--scopes', 'relay,feed,limits,introspect,admin')),
    };
    const mark = `${users}/${unmarked.userId}`;
    expect((await ask('PATCH', mark, { operator: false }, shown['an operator'])).status).equal(200);
    await ended.socket.call('logout', {});
    expect((await ask('POST', tenants, { id: 'empty', name: 'Empty' }, shown['an operator'])).status).equal(201);
    expect((await ask('POST', backends, { id: 'spare', name: 'Spare' }, shown['an operator'])).status).equal(201);
  });
  after(async function () {
    this.timeout(30_000);
    for (const { client } of signedInUsers) client.close();
    await cluster?.stop();
  });

  for (const { method, path, body } of rows)
    it(`${method} ${path({ user: ':user', session: ':session', invitation: ':invitation' })}`, async () => {
      const nothing = { user: randomUUID(), session: randomUUID(), invitation: randomUUID() };
      for (const [asker, expected] of Object.entries(askers)) {
        const ids = expected === 'ok' ? await idsOf() : nothing;
        if (path(ids).endsWith('/missing'))
          await ask('POST', backends, { id: 'missing', name: 'Missing' }, shown['an operator']);
        if (path(ids).endsWith('/closed')) await makeClosedTenant();
        const answer = await ask(method, path(ids), body?.(ids), shown[asker as Asker]);
        const outcome = answer.status < 300 ? 'ok' : answer.body.code;
        expect(outcome, `${asker}: ${JSON.stringify(answer.body)}`).equal(expected);
      }
    });

  async function makeClosedTenant(): Promise<void> {
    await ask('POST', tenants, { id: 'closed', name: 'Closed' }, shown['an operator']);
    await ask('PATCH', `${tenants}/closed`, { disabled: true }, shown['an operator']);
  }

  async function idsOf(): Promise<Ids> {
    const { userId, sid } = await newcomer(randomUUID());
    const body = { tenant_id: 'default', email: `${randomUUID()}@example.test`, send: false };
    const invited = await anybody.request<AdminInvitationResponse>('POST', invitations, body, shown['an operator']);
    return { user: userId, session: sid, invitation: invited.body.invitation.id };
  }

  it('accepts an admin token nowhere else', async () => {
    const token = shown['an operator'];
    for (const path of ['/me', '/sessions']) expect((await ask('GET', path, undefined, token)).status).equal(401);
    expect((await ask('POST', '/logout', {}, token)).status).equal(401);
  });

  it('issues admin tokens for operators only', async () => {
    const answer = await (await newcomer('curious')).refreshAsAdmin();
    expect(answer).to.deep.include({ ok: false });
    expect((answer as { error: { code: string } }).error.code).equal('forbidden');
  });

  it('requires another sign-in of an operator after twelve hours', async () => {
    const operator = await newOperator('long-ago');
    await query(cluster.databaseUrl, `UPDATE sessions SET auth_time = auth_time - 43201 WHERE sid = '${operator.sid}'`);
    const answer = await operator.refreshAsAdmin();
    expect((answer as { error: { code: string } }).error.code).equal('reauthentication_required');
  });

  it('requires a proof with the admin token of a bound session', async () => {
    const owner = await createProofMaker();
    const [email, issuer] = ['bound@example.test', 'http://latchkey.test'];
    const login = await anybody.register(email, password, { dpop_jkt: owner.jkt });
    expect((await command(cluster.env, 'operator', 'add', email)).code).equal(0);
    const socket = await anybody.connect();
    const claims = { htm: 'SOCKET', htu: issuer, nonce: hashOf(socket.engineId()), ath: hashOf(login.code) };
    const proof = await owner.make(claims);
    expect((await socket.authenticate({ ...login, rotation_key: newKey(), proof })).event).equal('authenticated');
    const answer = await socket.call<Ack<Refreshed>>('refresh', { admin: true });
    const token = answer.ok ? answer.data.access_token : '';
    expect((await ask('GET', overview, undefined, bearerOf(token))).body.code).equal('proof_required');
    const authorization = `DPoP ${token}`;
    const made = await owner.make({ htu: `${issuer}${overview}`, ath: hashOf(token) });
    expect((await ask('GET', overview, undefined, { authorization, DPoP: made })).status).equal(200);
    const foreign = await (await createProofMaker()).make({ htu: `${issuer}${overview}`, ath: hashOf(token) });
    expect((await ask('GET', overview, undefined, { authorization, DPoP: foreign })).body.code).equal('proof_invalid');
    socket.close();
  });

  it('refuses operators to change their own flag, or to disable themselves', async () => {
    const operator = await newOperator('alone');
    const headers = bearerOf(await adminToken(operator));
    for (const change of [{ operator: false }, { disabled: true }])
      expect((await ask('PATCH', `${users}/${operator.userId}`, change, headers)).body.code).equal('forbidden');
  });

  it('shows a backend of one tenant nothing of another', async () => {
    const own = basicOf(await cluster.makeBackend('--scopes', 'admin', '--tenant', 'empty'));
    const user = await newcomer('foreign');
    const codeOf = async (method: string, path: string, body?: object) => {
      const answer = await ask(method, path, body, own);
      return answer.status < 300 ? 'ok' : answer.body.code;
    };
    expect(await codeOf('GET', `${users}/${user.userId}`)).equal('not_found');
    expect(await codeOf('DELETE', `${users}/${user.userId}/sessions`)).equal('not_found');
    expect(await codeOf('GET', `${sessions}/${user.sid}`)).equal('not_found');
    expect(await codeOf('DELETE', `${sessions}/${user.sid}`)).equal('not_found');
    expect(await codeOf('GET', `${users}?tenant=default`)).equal('tenant_unknown');
    expect(await codeOf('PATCH', `${tenants}/default`, { name: 'Mine' })).equal('tenant_unknown');
    expect(await codeOf('DELETE', `${tenants}/default/sessions`)).equal('tenant_unknown');
    expect(await codeOf('POST', `${backends}/spare/rotate`)).equal('not_found');
    expect(await codeOf('DELETE', `${backends}/spare`)).equal('not_found');
    for (const path of [overview, keys]) expect(await codeOf('GET', path)).equal('forbidden');
    expect(await codeOf('POST', backends, { name: 'All', scopes: ['admin'] })).equal('forbidden');
    expect(await codeOf('POST', tenants, { id: 'more', name: 'More' })).equal('forbidden');
    const list = await anybody.request<{ users: unknown[] }>('GET', users, undefined, own);
    expect(list.body.users).to.deep.equal([]);
  });
});
