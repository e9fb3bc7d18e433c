import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type {
  BackendAck,
  BackendGrant,
  BackendSessionStatus,
  PresenceChange,
  RevocationBatch,
} from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { type Credential, openPlainBackend, type PlainBackend } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import { codeOfAck } from '../test-kit/codes.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';

const password = 'correct horse battery';
const peer = { connection_id: 'c1', origin: 'https://app.example', address: null, user_agent: null };
function dataOf<T>(answer: BackendAck<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

describe('backends of tenants at two nodes', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let nodes: [ServiceProcess, ServiceProcess];
  const open: PlainBackend[] = [];

  before(async () => {
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    await query(`INSERT INTO tenants (id, name, registration_open) VALUES ('acme', 'Acme', true)`);
    nodes = [await cluster.start(), await cluster.start()];
  });
  after(() => cluster.stop());
  afterEach(() => {
    for (const backend of open.splice(0)) backend.close();
  });

  async function query(text: string): Promise<void> {
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    await database.query(text).finally(() => database.end());
  }

  const make = (...words: string[]) => cluster.makeBackend(...words);

  async function connect(node: ServiceProcess, as: Credential, serverId?: string): Promise<PlainBackend> {
    const backend = openPlainBackend(node.url, as, serverId === undefined ? {} : { serverId });
    open.push(backend);
    await backend.connected();
    return backend;
  }

  const signUp = async (tenant: string) => {
    const client = createPlainClient({ url: nodes[0].url });
    const { code, code_verifier } = await client.register(`${randomUUID()}@example.test`, password, { tenant });
    return { credential: code, code_verifier, rotation_key: newKey(), peer };
  };
  const enter = async (backend: PlainBackend, tenant: string) =>
    dataOf(await backend.call<BackendAck<BackendGrant>>('exchange', await signUp(tenant)));

  it('see and change nothing of another tenant', async () => {
    const all = await connect(nodes[0], await make());
    const acme = await connect(nodes[0], await make('--tenant', 'acme'));
    const foreign = await enter(all, 'default');
    const own = await enter(acme, 'acme');
    const request = await signUp('default');
    expect(codeOfAck(await acme.call('exchange', request))).to.equal('forbidden');
    expect(codeOfAck(await all.call('exchange', request)), 'nothing was redeemed').to.equal('done');
    const shown = { credential: foreign.token, rotation_key: newKey(), peer };
    expect(codeOfAck(await acme.call('exchange', shown))).to.equal('forbidden');
    for (const [name, payload] of [
      ['confirm', { sid: foreign.sid, gen: 1 }],
      ['refresh', { sid: foreign.sid }],
      ['logout', { sid: foreign.sid }],
    ] as const)
      expect(codeOfAck(await acme.call(name, payload)), name).to.equal('forbidden');
    await acme.call('presence', { counts: [foreign.sid, own.sid].map((sid) => [sid, 1]), all: true });
    const asked = { sids: [foreign.sid, own.sid] };
    const states = dataOf(
      await acme.call<BackendAck<{ sessions: BackendSessionStatus[] }>>('sessions', asked),
    ).sessions;
    expect(states.map(({ sid, alive }) => [sid, alive])).to.deep.equal([[own.sid, true]]);
    expect(codeOfAck(await all.call('exchange', shown)), 'nothing was rotated').to.equal('done');
    expect((await all.listPresence()).map(({ id }) => id)).to.deep.equal([own.sid]);
  });

  it('get the same answer for a session whose row was deleted as for an ended one', async () => {
    const acme = await connect(nodes[0], await make('--tenant', 'acme'));
    const { sid, token } = await enter(acme, 'acme');
    await query(`DELETE FROM sessions WHERE sid = '${sid}'`);
    const returning = await acme.call<BackendAck<BackendGrant>>('exchange', {
      credential: token,
      rotation_key: newKey(),
      peer,
    });
    expect(returning).to.deep.nested.include({ 'error.code': 'session_revoked', 'error.verified': true });
    expect(codeOfAck(await acme.call('refresh', { sid }))).to.equal('session_expired');
    expect(await acme.call('logout', { sid })).to.deep.equal({ ok: true, data: { ended: 0 } });
    expect(codeOfAck(await acme.call('confirm', { sid, gen: 1 }))).to.equal('done');
    const states = await acme.call<BackendAck<{ sessions: BackendSessionStatus[] }>>('sessions', { sids: [sid] });
    expect(dataOf(states).sessions).to.deep.equal([{ sid, alive: false, reason: 'expired' }]);
  });

  it('act only for sessions that the same server relayed, also after a reconnect to another node', async () => {
    const credential = await make();
    const [server, other] = [await connect(nodes[0], credential), await connect(nodes[0], credential)];
    const { sid } = await enter(server, 'default');
    const isActing = async (backend: PlainBackend) =>
      [await backend.call('confirm', { sid, gen: 1 }), await backend.call('refresh', { sid })].map((answer) =>
        codeOfAck(answer as BackendAck<unknown>),
      );
    expect(await isActing(server)).to.deep.equal(['done', 'done']);
    await other.call('presence', { counts: [[sid, 1]], all: true });
    expect(await isActing(other), 'its report proves nothing').to.deep.equal(['forbidden', 'forbidden']);
    expect(codeOfAck(await other.call('logout', { sid }))).to.equal('forbidden');
    await server.call('presence', { counts: [[sid, 1]], all: true });
    server.raw.io.engine.close();
    const moved = await connect(nodes[1], credential, server.serverId);
    expect(await isActing(moved)).to.deep.equal(['done', 'done']);
    await moved.call('presence', { counts: [], all: true });
    await moved.call('presence', { counts: [[sid, 2]] });
    expect(await isActing(moved), 'reported again in a later part').to.deep.equal(['done', 'done']);
    expect(await moved.call('logout', { sid })).to.deep.equal({ ok: true, data: { ended: 1 } });
    expect(nodes[0].log()).to.contain('sockets of sessions that it did not relay');
  });

  it('serve pages of their own origins only, and may call within their scopes only', async () => {
    const backend = await connect(nodes[0], await make('--origins', 'https://bank.example', '--scopes', 'relay'));
    const request = await signUp('default');
    expect(codeOfAck(await backend.call('exchange', request))).to.equal('forbidden');
    const there = { ...request, peer: { ...peer, origin: 'https://bank.example' } };
    expect(codeOfAck(await backend.call('exchange', there))).to.equal('done');
    expect(codeOfAck(await backend.call('subscribe', {}))).to.equal('forbidden');
  });

  it('cannot report presence of another backend’s server', async () => {
    const first = await connect(nodes[0], await make());
    const thief = openPlainBackend(nodes[1].url, await make(), { serverId: first.serverId });
    open.push(thief);
    const refused = await thief.connected().catch((error: { code: string }) => error.code);
    expect(refused).to.equal('forbidden');
  });

  it('receive on one node the revocations of the other, with the same numbers', async () => {
    const credential = await make();
    const [one, two] = [await connect(nodes[0], credential), await connect(nodes[1], credential)];
    const { feed } = dataOf(await two.call<BackendAck<{ feed: RevocationBatch }>>('subscribe', {}));
    const { sid } = await enter(one, 'default');
    await one.call('logout', { sid });
    const batch = await two.push<RevocationBatch>('blacklist');
    expect(batch).to.deep.include({ kind: 'delta', epoch: feed.epoch, seq: feed.seq + 1 });
    expect(batch.entries.map((entry) => entry.sid)).to.deep.equal([sid]);
    const elsewhere = await connect(nodes[0], credential);
    const from = { epoch: feed.epoch, seq: feed.seq };
    const again = dataOf(await elsewhere.call<BackendAck<{ feed: RevocationBatch }>>('subscribe', from)).feed;
    expect(again).to.deep.include({ kind: 'delta', seq: feed.seq + 1 });
  });

  it('receive presence events of their own tenant only, from every server', async () => {
    const credential = await make();
    const [one, two] = [await connect(nodes[0], credential), await connect(nodes[1], credential)];
    const acme = await connect(nodes[1], await make('--tenant', 'acme'));
    await two.listPresence();
    await acme.listPresence();
    const { sid, user_id } = await enter(one, 'default');
    const heard = (change: string, connections: number) =>
      two.push<PresenceChange[]>('user_session', (news) =>
        news.some(
          (each) => each.change === change && each.session.id === sid && each.session.connections === connections,
        ),
      );
    await one.call('presence', { counts: [[sid, 1]] });
    const [came] = (await heard('creation', 1)).filter(({ session }) => session.id === sid);
    expect(came!.session).to.include({ user_id, tenant_id: 'default', server_id: one.serverId });
    await one.call('presence', { counts: [[sid, 2]] });
    await heard('update', 2);
    await one.call('logout', { sid });
    await heard('deletion', 0);
    expect(JSON.stringify(acme.pushes)).not.to.contain(user_id);
  });

  it('introspect tokens', async () => {
    const all = await connect(nodes[0], await make());
    const acme = await connect(nodes[1], await make('--tenant', 'acme'));
    const grant = await enter(all, 'default');
    const ask = async (backend: PlainBackend, token: string) =>
      dataOf(await backend.call<BackendAck<Record<string, unknown>>>('introspect', { token }));
    const common = { active: true, sub: grant.user_id, sid: grant.sid, tid: 'default' };
    expect(await ask(all, grant.access_token)).to.include({ ...common, token_type: 'Bearer' });
    expect(await ask(all, grant.token)).to.include(common);
    for (const token of [grant.access_token, grant.token])
      expect(await ask(acme, token)).to.deep.equal({ active: false });
    expect(await ask(all, 'nonsense')).to.deep.equal({ active: false });
    const next = dataOf(
      await all.call<BackendAck<BackendGrant>>('exchange', { credential: grant.token, rotation_key: newKey(), peer }),
    );
    expect(await ask(all, grant.token)).to.deep.equal({ active: false });
    await all.call('logout', { sid: grant.sid });
    for (const token of [grant.access_token, next.token])
      expect(await ask(all, token)).to.deep.equal({ active: false });
  });

  it('shorten live sessions by a limit of their tenant, everywhere, and lengthen none', async () => {
    const acme = await connect(nodes[0], await make('--tenant', 'acme'));
    const all = await connect(nodes[1], await make());
    const [old, fresh] = [await enter(acme, 'acme'), await enter(acme, 'acme')];
    const other = await enter(all, 'default');
    await query(`UPDATE sessions SET created_at = created_at - interval '2 hours' WHERE sid = '${old.sid}'`);
    await all.call('subscribe', {});
    const own = { tenant_id: 'acme', max_active_minutes: 60, max_idle_minutes: null };
    const limits = { ...own, active_minutes: 60, idle_minutes: null };
    const wanted = { tenant_id: 'acme', max_active_minutes: 60 };
    expect(dataOf(await acme.call<BackendAck<object>>('tenant_set', wanted))).to.deep.equal(limits);
    expect(dataOf(await all.call<BackendAck<object>>('tenant_get', { tenant_id: 'acme' }))).to.deep.equal(limits);
    expect(await all.push('tenant_changed'), 'on the other node').to.deep.equal(limits);
    expect(acme.pushes.some(({ event }) => event === 'tenant_changed')).to.equal(true);
    await all.push<RevocationBatch>('blacklist', ({ entries }) => entries.some(({ sid }) => sid === old.sid));
    const states = async () => {
      const sids = [old, fresh, other].map(({ sid }) => sid);
      const answer = dataOf(await all.call<BackendAck<{ sessions: BackendSessionStatus[] }>>('sessions', { sids }));
      return answer.sessions.map((state) => (state.alive ? Math.ceil(state.expires_in / 3_600) : state.reason));
    };
    expect(await states()).to.deep.equal(['expired', 1, 12]);
    await acme.call('tenant_set', { tenant_id: 'acme', max_active_minutes: null, max_idle_minutes: 30 });
    expect(await states()).to.deep.equal(['expired', 1, 12]);
    const { sessions } = dataOf(
      await all.call<BackendAck<{ sessions: { idle_expires_in: number | null }[] }>>('sessions', {
        sids: [fresh.sid, other.sid],
      }),
    );
    expect(sessions[0]!.idle_expires_in).to.be.within(1_700, 1_800);
    expect(sessions[1]!.idle_expires_in).to.equal(null);
    expect(codeOfAck(await acme.call('tenant_set', { tenant_id: 'default' }))).to.equal('tenant_unknown');
    acme.pushes.length = 0;
    const others = { tenant_id: 'default', max_idle_minutes: null };
    const { active_minutes } = dataOf(await all.call<BackendAck<{ active_minutes: number }>>('tenant_set', others));
    expect(active_minutes).to.equal(720);
    await all.push<{ tenant_id: string }>('tenant_changed', ({ tenant_id }) => tenant_id === 'default');
    await acme.call('tenant_set', { tenant_id: 'acme', max_idle_minutes: 20 });
    await acme.push('tenant_changed');
    expect(JSON.stringify(acme.pushes)).not.to.contain('"default"');
    expect(codeOfAck(await acme.call('tenant_set', { ...wanted, max_active_minutes: 0 }))).to.equal('invalid_request');
  });

  it('are disconnected within seconds once they are removed', async () => {
    const credential = await make('--id', 'leaving');
    const backend = await connect(nodes[1], credential);
    const put = new Promise<string>((resolve) => backend.raw.once('disconnect', resolve));
    const command = await startService({ env: { ...cluster.env }, args: ['backend', 'remove', 'leaving'] });
    expect(await command.exited()).to.equal(0);
    expect(await put).to.equal('io server disconnect');
  });

  it('are disconnected on every node within seconds once their secret is no longer accepted, or they are disabled', async () => {
    const [rotated, disabled] = [await make('--id', 'rotated'), await make('--id', 'disabled')];
    const open = await Promise.all([rotated, disabled].flatMap((as) => nodes.map((node) => connect(node, as))));
    const ends = open.map(({ raw }) => new Promise<string>((resolve) => raw.once('disconnect', resolve)));
    await cluster.rotateBackend('rotated');
    await sleep(2_500);
    expect(
      open.every(({ raw }) => raw.connected),
      'the secret before is accepted until the next rotation',
    ).to.equal(true);
    await cluster.rotateBackend('rotated');
    await query(`UPDATE backends SET disabled_at = now() WHERE id = 'disabled'`);
    // On an idle machine within 5 s (docs/run/operations.md).
    const late = sleep(15_000, 'late', { ref: false });
    expect(await Promise.race([Promise.all(ends), late])).to.deep.equal(ends.map(() => 'io server disconnect'));
  });

  it('have to connect again once their tenant or scopes were changed, and then have the new ones', async () => {
    const credential = await make('--id', 'moving', '--scopes', 'relay,feed');
    for (const change of [`scopes = '{relay}'`, `tenant_id = 'acme'`]) {
      const backend = await connect(nodes[0], credential);
      const end = new Promise<string>((resolve) => backend.raw.once('disconnect', resolve));
      await query(`UPDATE backends SET ${change} WHERE id = 'moving'`);
      expect(await end, change).to.equal('transport close');
    }
    const again = await connect(nodes[0], credential);
    expect(codeOfAck(await again.call('subscribe', {}))).to.equal('forbidden');
    expect(codeOfAck(await again.call('exchange', await signUp('default')))).to.equal('forbidden');
  });

  it('receive a drain, and reconnect to another node by themselves', async () => {
    const node = await cluster.start();
    const backend = await connect(node, await make());
    const lost = new Promise<string>((resolve) => backend.raw.once('disconnect', resolve));
    const stopped = node.stop();
    await backend.push('server_drain');
    expect(await lost).to.equal('transport close');
    expect(await stopped).to.equal(0);
  });
});
