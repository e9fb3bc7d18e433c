import { type AdminAuditRow, adminPaths, type CursorPage } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, type PlainClient } from '../../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import { adminToken, basicOf, bearerOf, command, type SignedInUser, signUp } from './signed-in-user.ts';

const { tenants, users, sessions, backends, keys, audit } = adminPaths;

type Whom = Pick<AdminAuditRow, 'user_id' | 'session_id' | 'tenant_id'>;
const anonymous: Whom = { user_id: null, session_id: null, tenant_id: null };

/** A change, the action that is written down, and whom it names. */
interface Change {
  readonly method: string;
  readonly path: (member: SignedInUser) => string;
  readonly body?: object;
  readonly action: string;
  readonly whom: (member: SignedInUser) => Partial<Whom>;
}

const user = ({ userId }: SignedInUser): Partial<Whom> => ({ user_id: userId, tenant_id: 'default' });
const pathOf = ({ userId }: SignedInUser): string => `${users}/${userId}`;
const bank = { whom: (): Partial<Whom> => ({ tenant_id: 'bank' }) };
const noOne = { whom: (): Partial<Whom> => ({}) };

/** Every change there is, in an order in which each is possible. */
const changes: readonly Change[] = [
  { ...bank, method: 'POST', path: () => tenants, body: { id: 'bank', name: 'Bank' }, action: 'tenant_created' },
  { ...bank, method: 'PATCH', path: () => `${tenants}/bank`, body: { name: 'B' }, action: 'tenant_changed' },
  { ...bank, method: 'DELETE', path: () => `${tenants}/bank/sessions`, action: 'sessions_ended' },
  { method: 'PATCH', path: pathOf, body: { operator: true }, action: 'operator_added', whom: user },
  { method: 'PATCH', path: pathOf, body: { operator: false }, action: 'operator_removed', whom: user },
  { method: 'POST', path: (member) => `${pathOf(member)}/claims`, action: 'claims_recomputed', whom: user },
  {
    method: 'DELETE',
    path: ({ sid }) => `${sessions}/${sid}`,
    action: 'sessions_ended',
    whom: (member) => ({ ...user(member), session_id: member.sid }),
  },
  { method: 'DELETE', path: (member) => `${pathOf(member)}/sessions`, action: 'sessions_ended', whom: user },
  { method: 'PATCH', path: pathOf, body: { disabled: true }, action: 'user_disabled', whom: user },
  { method: 'PATCH', path: pathOf, body: { disabled: false }, action: 'user_enabled', whom: user },
  { method: 'PATCH', path: pathOf, body: { password_change_required: true }, action: 'user_changed', whom: user },
  { method: 'DELETE', path: pathOf, action: 'user_deleted', whom: user },
  { ...bank, method: 'PATCH', path: () => `${tenants}/bank`, body: { disabled: true }, action: 'tenant_changed' },
  { ...bank, method: 'DELETE', path: () => `${tenants}/bank`, action: 'tenant_deleted' },
  { ...noOne, method: 'POST', path: () => backends, body: { id: 'app', name: 'App' }, action: 'backend_created' },
  { ...noOne, method: 'POST', path: () => `${backends}/app/rotate`, action: 'backend_changed' },
  { ...noOne, method: 'DELETE', path: () => `${backends}/app`, action: 'backend_changed' },
  { ...noOne, method: 'POST', path: () => `${keys}/rotate`, action: 'keys_rotated' },
];

describe('the audit of /admin', () => {
  let cluster: Cluster;
  let url: string;
  let operator: SignedInUser;
  let client: PlainClient;
  let token: Record<string, string>;

  before(async function () {
    this.timeout(90_000);
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    ({ url } = await cluster.start());
    client = createPlainClient({ url });
    operator = await signUp(url, 'operator@example.test');
    expect((await command(cluster.env, 'operator', 'add', operator.email)).code).equal(0);
    token = bearerOf(await adminToken(operator));
  });
  after(async function () {
    this.timeout(30_000);
    operator.client.close();
    await cluster?.stop();
  });

  async function rows(question = ''): Promise<AdminAuditRow[]> {
    const path = `${audit}?limit=100${question}`;
    return (await client.request<CursorPage<'audit', AdminAuditRow>>('GET', path, undefined, token)).body.audit;
  }

  it('contains every change with its actor and address', async () => {
    const member = await signUp(url, 'member@example.test');
    for (const { method, path, body, action, whom } of changes) {
      const [last] = await rows();
      const answer = await client.request(method, path(member), body, token);
      expect(answer.status, `${method} ${path(member)}: ${JSON.stringify(answer.body)}`).below(300);
      const written = (await rows()).filter(({ id }) => id > last!.id);
      expect(written.map((row) => row.action)).deep.equal([action]);
      expect(written[0]).deep.include({ ...anonymous, ...whom(member), address_prefix: '127.0.0.0/24' });
      expect(written[0]!.detail.operator).equal(operator.userId);
    }
    member.client.close();
  });

  it('names a backend as actor', async () => {
    const backend = await cluster.makeBackend('--scopes', 'admin');
    const path = `${tenants}/default`;
    await client.request('PATCH', path, { name: 'Of the backend' }, basicOf(backend));
    expect((await rows('&action=tenant_changed'))[0]!.detail.backend).equal(backend.backend_id);
  });

  it('is filtered by action, tenant and user', async () => {
    const member = await signUp(url, 'found@example.test');
    member.client.close();
    expect((await rows(`&user=${member.userId}`)).map(({ action }) => action)).deep.equal(['login', 'register']);
    expect(new Set((await rows('&tenant=bank')).map((row) => row.tenant_id))).deep.equal(new Set(['bank']));
    expect((await rows(`&action=login&user=${member.userId}`)).length).equal(1);
    expect(await rows('&action=never')).deep.equal([]);
  });

  it('contains changes by the command line', async () => {
    const details = (await rows(`&action=operator_added&user=${operator.userId}`)).map(({ detail }) => detail);
    expect(details).deep.equal([{ by: 'command line' }]);
    const [last] = await rows();
    const backend = await cluster.makeBackend();
    expect((await command(cluster.env, 'backend', 'rotate', backend.backend_id)).code).equal(0);
    expect((await command(cluster.env, 'backend', 'remove', backend.backend_id)).code).equal(0);
    expect((await command(cluster.env, 'keys', 'rotate')).code).equal(0);
    const written = (await rows()).filter(({ id }) => id > last!.id);
    expect(written.map(({ action, detail }) => [action, detail.by, detail.change])).deep.equal([
      ['keys_rotated', 'command line', undefined],
      ['backend_changed', 'command line', 'removed'],
      ['backend_changed', 'command line', 'rotated'],
      ['backend_created', 'command line', undefined],
    ]);
  });
});
