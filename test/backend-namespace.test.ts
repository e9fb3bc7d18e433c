import { randomUUID } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  type BackendAck,
  type BackendGrant,
  type BackendSessionStatus,
  backendProtocol,
  type RevocationBatch,
  type RevocationCursor,
  type WireError,
} from '@latchkey/contract';
import { expect } from 'chai';
import { type Credential, openPlainBackend, type PlainBackend } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { codeOfAck } from '../test-kit/codes.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const password = 'correct horse battery';
const peer = { connection_id: 'c1', origin: 'https://app.example', address: '192.0.2.7', user_agent: 'Firefox' };

interface Subscribed {
  feed: RevocationBatch;
}

function dataOf<T>(answer: BackendAck<T>): T {
  if (!answer.ok) throw new Error(JSON.stringify(answer.error));
  return answer.data;
}

describe('a backend at the service', () => {
  let service: ServiceProcess;
  let credential: Credential;
  let client: PlainClient;
  const open: PlainBackend[] = [];

  before(async function () {
    this.timeout(60_000);
    service = await startService();
    await service.ready();
    credential = JSON.parse(readFileSync(join(service.dataFolder, 'backend.json'), 'utf8')) as Credential;
    client = createPlainClient({ url: service.url });
  });
  after(async function () {
    this.timeout(30_000);
    await service.stop();
  });
  afterEach(() => {
    for (const backend of open.splice(0)) backend.close();
    client.close();
  });

  async function connect(as: Credential = credential, options: { serverId?: string } = {}): Promise<PlainBackend> {
    const backend = openPlainBackend(service.url, as, options);
    open.push(backend);
    await backend.connected();
    return backend;
  }

  /** How a connection is refused. */
  async function refusal(as: object, protocol: unknown = backendProtocol, serverId?: string): Promise<WireError> {
    const options = { protocol, ...(serverId === undefined ? {} : { serverId }) };
    const backend = openPlainBackend(service.url, as as Credential, options);
    open.push(backend);
    return backend.connected().then(
      () => Promise.reject(new Error('was let in')),
      (error: WireError) => error,
    );
  }

  /** Somebody who signed in through the backend. */
  async function enter(backend: PlainBackend): Promise<BackendGrant> {
    const { code, code_verifier } = await client.register(`${randomUUID()}@example.test`, password);
    const request = { credential: code, code_verifier, rotation_key: newKey(), peer };
    return dataOf(await backend.call<BackendAck<BackendGrant>>('exchange', request));
  }

  it('reads its credential in the data folder, which only the owner of the folder can read', () => {
    expect(credential).to.have.all.keys('backend_id', 'backend_secret');
    expect(statSync(join(service.dataFolder, 'backend.json')).mode & 0o777).to.equal(0o600);
  });

  it('is refused with a wrong secret, malformed auth, and another protocol version', async () => {
    expect((await refusal({ ...credential, backend_secret: 'wrong' })).code).to.equal('unauthenticated');
    expect((await refusal({ ...credential, backend_id: 'unknown' })).code).to.equal('unauthenticated');
    expect((await refusal({ ...credential, more: 1 })).code).to.equal('invalid_request');
    expect((await refusal({})).code).to.equal('invalid_request');
    expect((await refusal(credential, backendProtocol, 'no uuid')).code).to.equal('invalid_request');
    expect((await refusal(credential, backendProtocol + 1)).message)
      .to.contain(`version ${backendProtocol}`)
      .and.to.contain(`the backend ${backendProtocol + 1}`);
  });

  it('redeems, rotates, refreshes, inspects and ends sessions of its browsers', async () => {
    const backend = await connect();
    const grant = await enter(backend);
    expect(grant).to.include({ tenant_id: 'default', generation: 1 });
    const again = { credential: grant.token, rotation_key: newKey(), peer };
    const next = dataOf(await backend.call<BackendAck<BackendGrant>>('exchange', again));
    expect(next).to.include({ sid: grant.sid, generation: 2 });
    expect(await backend.call('confirm', { sid: grant.sid, gen: 2 })).to.deep.equal({ ok: true, data: null });
    expect(dataOf(await backend.call<BackendAck<object>>('refresh', { sid: grant.sid }))).to.have.all.keys(
      ...['access_token', 'access_token_expires_in', 'refresh_in', 'expires_in', 'idle_expires_in'],
    );
    const asked = { sids: [grant.sid, randomUUID()] };
    const before = dataOf(
      await backend.call<BackendAck<{ sessions: BackendSessionStatus[] }>>('sessions', asked),
    ).sessions;
    expect(before.map(({ alive }) => alive)).to.deep.equal([true, false]);
    expect(await backend.call('logout', { sid: grant.sid })).to.deep.equal({ ok: true, data: { ended: 1 } });
    const [after] = dataOf(
      await backend.call<BackendAck<{ sessions: BackendSessionStatus[] }>>('sessions', asked),
    ).sessions;
    expect(after).to.deep.equal({ sid: grant.sid, alive: false, reason: 'logout' });
    expect(codeOfAck(await backend.call('refresh', { sid: grant.sid }))).to.equal('session_revoked');
  });

  it('receives whether a refused credential was verified, and nothing else about an invalid one', async () => {
    const backend = await connect();
    const grant = await enter(backend);
    await backend.call('logout', { sid: grant.sid });
    const dead = await backend.call<BackendAck<BackendGrant>>('exchange', {
      credential: grant.token,
      rotation_key: newKey(),
      peer,
    });
    expect(dead).to.have.property('ok', false);
    expect(dead).to.deep.nested.include({ 'error.code': 'session_revoked', 'error.verified': true });
    const bad = await backend.call<BackendAck<BackendGrant>>('exchange', { credential: 'x.y.z', peer });
    expect(codeOfAck(bad)).to.equal('token_invalid');
    expect(bad).not.to.have.nested.property('error.verified');
  });

  it('receives a snapshot, then each revocation without a gap, and heartbeats after them', async () => {
    const backend = await connect();
    const first = await enter(backend);
    await backend.call('logout', { sid: first.sid });
    const { feed } = dataOf(await backend.call<BackendAck<Subscribed>>('subscribe', {}));
    expect(feed.kind).to.equal('snapshot');
    expect(feed.entries.map(({ sid }) => sid)).to.include(first.sid);
    const people = [await enter(backend), await enter(backend)];
    for (const { sid } of people) await backend.call('logout', { sid });
    await backend.push<RevocationCursor>('heartbeat', ({ seq }) => seq === feed.seq + 2);
    const told = backend.pushes.filter(({ event }) => event === 'blacklist' || event === 'heartbeat');
    let seq = feed.seq;
    for (const { event, payload } of told) {
      if (event === 'heartbeat') expect((payload as RevocationCursor).seq).to.equal(seq);
      else for (const entry of (payload as RevocationBatch).entries) expect(entry.seq).to.equal(++seq);
    }
    expect(seq).to.equal(feed.seq + 2);
    const later = await connect();
    const { feed: delta } = dataOf(
      await later.call<BackendAck<Subscribed>>('subscribe', { epoch: feed.epoch, seq: feed.seq }),
    );
    expect(delta.kind).to.equal('delta');
    expect(delta.entries.map(({ sid }) => sid)).to.deep.equal(people.map(({ sid }) => sid));
  });

  it('reports presence, and removes it when it disconnects', async () => {
    const backend = await connect();
    const { sid } = await enter(backend);
    await backend.call('presence', { counts: [[sid, 2]], all: true });
    const watcher = await connect();
    const here = async () => (await watcher.listPresence()).filter(({ id }) => id === sid);
    const [seen] = await here();
    expect(seen).to.include({ server_id: backend.serverId, connections: 2 });
    await backend.call('presence', { counts: [], all: true });
    expect(await here()).to.deep.equal([]);
    await backend.call('presence', { counts: [[sid, 1]], all: true });
    expect(await here()).to.have.length(1);
    backend.close();
    await waitFor(async () => (await here()).length === 0);
  });

  it('sets limits of a tenant that apply to live sessions', async () => {
    const backend = await connect();
    const { sid } = await enter(backend);
    const limits = { tenant_id: 'default', max_active_minutes: 30, max_idle_minutes: 20 };
    const held = { ...limits, active_minutes: 30, idle_minutes: 20 };
    expect(await backend.call('tenant_set', limits)).to.deep.equal({ ok: true, data: held });
    const answer = await backend.call<BackendAck<{ sessions: BackendSessionStatus[] }>>('sessions', { sids: [sid] });
    const [state] = dataOf(answer).sessions;
    expect(state).to.have.property('expires_in').that.is.within(1_700, 1_800);
    expect(state).to.have.property('idle_expires_in').that.is.within(1_100, 1_200);
    await backend.call('tenant_set', { ...limits, max_active_minutes: null, max_idle_minutes: null });
  });

  it('is answered for any message', async () => {
    const backend = await connect();
    for (const [call, payload, code] of [
      ['nonsense', {}, 'unknown_call'],
      ['__proto__', {}, 'unknown_call'],
      ['exchange', {}, 'invalid_request'],
      ['exchange', 'text', 'invalid_request'],
      ['exchange', { credential: 'x.y.z', peer: { ...peer, user_agent: 'a\0b' } }, 'invalid_request'],
      ['sessions', { sids: ['no uuid'] }, 'invalid_request'],
      ['presence', { counts: [[randomUUID(), -1]] }, 'invalid_request'],
      ['refresh', { sid: randomUUID(), admin: true }, 'forbidden'],
      ['refresh', { sid: randomUUID() }, 'session_expired'],
    ] as const)
      expect(codeOfAck(await backend.call(call, payload)), call).to.equal(code);
    backend.raw.emit('exchange');
    backend.raw.emit('logout', { sid: 1 });
    expect(await backend.call('activity', { sids: [randomUUID()] })).to.deep.equal({ ok: true, data: null });
  });
});
