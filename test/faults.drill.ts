import { randomBytes, randomInt } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths, type Unauthorized } from '@latchkey/contract';
import { createSession } from '@latchkey/sdk-browser';
import { createLatchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import { listen, portOf } from '../test-kit/listen.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { readMetrics } from '../test-kit/node/read-metrics.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { showAndKill } from './faults/dying-node.ts';
import { faultEnv, type Visitor, welcomeVisitor, welcomeVisitors } from './faults/visitor.ts';
import { startBalancer } from './storm/balancer.ts';
import { createDice } from './storm/dice.ts';
import { createHistory, type History } from './storm/history.ts';
import { installRotationTrace, readSessionFacts } from './storm/rotation-trace.ts';
import { createSharedStorage } from './storm/shared-storage.ts';

/** Rotations cut by a SIGKILL; `npm run test:faults` cuts 500. */
const cuts = Number(process.env.FAULT_CUTS ?? 40);
const seed = Number(process.env.FAULT_SEED ?? randomInt(2 ** 31));

describe('faults of a node', () => {
  let cluster: Cluster;
  let node: ServiceProcess;
  let history: History;
  before(async function () {
    this.timeout(60_000);
    cluster = await createCluster(faultEnv);
    await installRotationTrace(cluster.databaseUrl);
    node = await cluster.start();
  });
  after(async function () {
    this.timeout(60_000);
    await cluster.stop();
  });
  beforeEach(() => {
    history = createHistory();
  });

  it(`rotations cut by SIGKILL happen once or not at all, and sign no user out (${cuts}, FAULT_SEED=${seed})`, async function () {
    this.timeout(60_000 + cuts * 1_000);
    const visitors = await welcomeVisitors(20, node, history, 'cut');
    const replays = { verdict: 'replay' };
    const replaysBefore = (await readMetrics(node)).value('latchkey_rotations_total', replays)!;
    const rounds = Math.ceil(cuts / visitors.length);
    let silent = 0;
    for (let round = 0; round < rounds; round++) {
      const victim = await cluster.start();
      const standing = await readSessionFacts(cluster.databaseUrl);
      const answered = await showAndKill(victim, visitors, createDice(seed).of(`round ${round}`));
      const { generations } = await readSessionFacts(cluster.databaseUrl);
      silent += generations - standing.generations - answered;
      await Promise.all(visitors.map((visitor) => visitor.rotate([node])));
    }
    console.log(`        ${silent} of ${rounds * visitors.length} were committed and not answered`);
    const replaysAfter = (await readMetrics(node)).value('latchkey_rotations_total', replays)!;
    expect(replaysAfter - replaysBefore, 'repeated rotations').to.be.at.least(silent);
    const facts = await readSessionFacts(cluster.databaseUrl);
    expect(facts.alive).to.equal(visitors.length);
    expect(facts.generations).to.equal(rounds * visitors.length);
    expect(facts.rotations).to.equal(facts.generations);
    expect(history.successors()).to.equal(facts.generations);
    expect(history.broken()).to.deep.equal([]);
    expect(history.unforgivable()).to.deep.equal([]);
  });

  it('a credential that waited in a suspended node is superseded when the node resumes', async function () {
    this.timeout(30_000);
    const zombie = await cluster.start();
    const visitor = await welcomeVisitor(node, { history, name: 'zombie' });
    const socket = await createPlainClient(zombie).connect();
    zombie.kill('SIGSTOP');
    socket.raw.emit('authenticate', { token: visitor.token, rotation_key: visitor.key });
    await visitor.rotate([node]);
    await visitor.rotate([node]);
    await sleep(300);
    zombie.kill('SIGCONT');
    const outcome = await socket.outcome(10_000);
    expect((outcome.payload as Unauthorized).code).to.equal('rotation_superseded');
    const { value } = await readMetrics(zombie);
    expect(value('latchkey_rotations_total', { verdict: 'superseded' })).to.equal(1);
    expect(value('latchkey_refusals_total', { code: 'rotation_superseded' })).to.equal(1);
    socket.close();
    expect(await visitor.rotate([zombie])).to.deep.equal([]);
  });

  describe('with two nodes of which one lacks a secret', () => {
    let complete: ServiceProcess;
    let lacking: ServiceProcess;
    let visitors: readonly Visitor[];
    before(async function () {
      this.timeout(60_000);
      visitors = await welcomeVisitors(3, node, createHistory(), 'early');
      const secret = randomBytes(32).toString('base64url');
      // In this order: the complete node wraps the signing keys anew, so that the other can sign.
      complete = await cluster.start({ LATCHKEY_SECRET: `${secret},${cluster.env.LATCHKEY_SECRET}` });
      lacking = await cluster.start({ LATCHKEY_SECRET: secret });
    });

    it('a node without the old secret is `unavailable` for its tokens; one that has it serves them', async () => {
      const visitor = visitors[0]!;
      for (let turn = 0; turn < 5; turn++) expect(await visitor.attempt(lacking)).to.equal('unavailable');
      const { value } = await readMetrics(lacking);
      expect(value('latchkey_refusals_total', { code: 'unavailable' })).to.be.at.least(5);
      expect(await visitor.rotate([complete])).to.deep.equal([]);
      expect(await visitor.rotate([lacking])).to.deep.equal([]);
    });

    it('a secret that no node ever had is `token_invalid`, and ends nothing', async () => {
      const visitor = visitors[0]!;
      const [, claims, signature] = visitor.token.split('.');
      const header = { alg: 'HS256', typ: 'session+jwt', kid: randomBytes(9).toString('base64url') };
      const forged = [Buffer.from(JSON.stringify(header)).toString('base64url'), claims, signature].join('.');
      for (const node of [complete, lacking]) {
        const grant = { grant_type: 'refresh_token', refresh_token: forged, rotation_key: newKey() };
        const { status, body } = await createPlainClient(node).request<Unauthorized>('POST', paths.oauthToken, grant);
        expect({ status, code: body.code }).to.deep.equal({ status: 400, code: 'token_invalid' });
      }
      expect(await visitor.rotate([complete])).to.deep.equal([]);
    });

    it('a node that cannot sign is not ready, and says that it lacks the keys', async () => {
      const LATCHKEY_SECRET = randomBytes(32).toString('base64url');
      const foreign = await startService({ env: { ...cluster.env, LATCHKEY_SECRET, LOG_LEVEL: 'info' } });
      try {
        await waitFor(() => foreign.log().includes('not ready (keys)'), 10_000);
        const { value } = await readMetrics(foreign);
        expect(value('latchkey_causes_total', { cause: 'secret_missing' })).to.be.at.least(1);
        expect(value('latchkey_health_check', { check: 'keys' })).to.equal(0);
        expect(foreign.log()).to.include('secret_missing').and.not.to.include('ready: open');
        const { status, body } = await createPlainClient(foreign).request('GET', paths.healthReady);
        const ok = { serving: 'ok', database: 'ok', feed: 'ok', failover: 'ok', clock_unknown: 'ok', clock_off: 'ok' };
        const checks = { ...ok, keys: 'failing' };
        expect({ status, body }).to.deep.equal({ status: 503, body: { status: 'not_ready', checks } });
        expect(await visitors[0]!.attempt(foreign)).to.equal('unavailable');
      } finally {
        await foreign.stop();
      }
      expect(await visitors[0]!.rotate([complete])).to.deep.equal([]);
    });

    it('a backend at that node answers the same, keeps the socket, and still verifies access tokens', async () => {
      const { backend_id: backendId, backend_secret: backendSecret } = await cluster.makeBackend();
      const issuer = faultEnv.LATCHKEY_PUBLIC_URL;
      const latchkey = createLatchkey({ url: lacking.url, issuer, backendId, backendSecret });
      const http = createServer();
      const io = latchkey.socketServe(http, { origins: [] });
      await listen(http);
      const visitor = visitors[2]!;
      const client = createPlainClient({ url: `http://127.0.0.1:${portOf(http)}` });
      try {
        await latchkey.ready();
        const socket = await client.connect();
        const outcome = await socket.authenticate({ token: visitor.token, rotation_key: visitor.key });
        expect(outcome.payload).to.include({ code: 'unavailable', retryable: true });
        await socket.none('disconnect');
        expect((await latchkey.verify(visitor.accessToken)).sid).to.equal(visitor.sid);
        expect(await visitor.rotate([complete])).to.deep.equal([]);
        expect((await latchkey.verify(visitor.accessToken)).sid).to.equal(visitor.sid);
      } finally {
        client.close();
        latchkey.close();
        await io.close();
      }
    });

    it('a browser keeps its token, and recovers when it reaches the complete node', async () => {
      const balancer = await startBalancer({ origins: 1 });
      balancer.setNodes([lacking.port]);
      const url = balancer.urls[0]!;
      const { token } = visitors[1]!;
      const storage = createSharedStorage(history);
      storage.setItem(`latchkey:${new URL(url).host}:token`, token);
      const session = createSession({ url, storage, trackActivity: false });
      const codes: string[] = [];
      session.on('unauthorized', ({ code }) => codes.push(code));
      try {
        void session.connect();
        await waitFor(() => codes.length > 1, 8_000);
        expect(new Set(codes)).to.deep.equal(new Set(['unavailable']));
        expect(session.state.status).to.equal('connecting');
        expect(storage.held()).to.equal(token);
        balancer.setNodes([complete.port]);
        session.socket.io.engine.close();
        await waitFor(() => session.state.status === 'active', 8_000);
        expect(session.generation).to.equal(2);
      } finally {
        session.close();
        await balancer.close();
      }
    });
  });
});
