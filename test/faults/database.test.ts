import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createPlainClient, newKey } from '../../test-kit/client/plain-client.ts';
import { type Postgres, startPostgres } from '../../test-kit/database/postgres.ts';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import { readMetrics } from '../../test-kit/node/read-metrics.ts';
import type { ServiceProcess } from '../../test-kit/node/service-process.ts';
import { startTcpProxy, type TcpProxy } from '../../test-kit/tcp-proxy.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { createHistory, type History } from '../storm/history.ts';
import { installRotationTrace, readSessionFacts, runSql } from '../storm/rotation-trace.ts';
import { putLoad } from './load.ts';
import { faultEnv, type Visitor, welcomeVisitors } from './visitor.ts';

/** Answers to a commit that are swallowed. */
const lostReplies = 10;

describe('faults of the database', () => {
  let postgres: Postgres;
  let databaseUrl: string;
  let cluster: Cluster;
  let nodes: readonly ServiceProcess[];
  let proxy: TcpProxy;
  let proxied: ServiceProcess;
  let history: History;
  before(async function () {
    this.timeout(60_000);
    postgres = await startPostgres();
    databaseUrl = await postgres.createDatabase();
    cluster = await createCluster({ ...faultEnv, DATABASE_URL: databaseUrl });
    await installRotationTrace(databaseUrl);
    proxy = await startTcpProxy(postgres);
    const throughProxy = cluster.start({ DATABASE_URL: `${proxy.urlFor(databaseUrl)}?application_name=proxied` });
    [proxied, ...nodes] = await Promise.all([throughProxy, cluster.start(), cluster.start()]);
  });
  after(async function () {
    this.timeout(60_000);
    await cluster.stop();
    await proxy.close();
    await postgres.stop();
  });
  beforeEach(() => {
    history = createHistory();
  });

  it('Postgres crashes under load: `unavailable`, no user is signed out, no logout is lost', async function () {
    this.timeout(60_000);
    const staying = await welcomeVisitors(10, nodes[0]!, history, 'stays');
    const leaving = await welcomeVisitors(16, nodes[0]!, history, 'leaves');
    const before = await Promise.all(nodes.map(readMetrics));
    const load = putLoad(nodes, staying, leaving);
    await sleep(600);
    await postgres.halt('immediate');
    await sleep(500);
    await postgres.start();
    const upAt = performance.now();
    await sleep(1_000);
    await load.stop();
    const back = staying.map((visitor) =>
      load.events.find((event) => event.visitor === visitor && event.result === 'rotated' && event.beganAt > upAt),
    );
    for (const [index, { value }] of (await Promise.all(nodes.map(readMetrics))).entries())
      for (const [name, labels] of [
        ['latchkey_database_connection_errors_total', {}],
        ['latchkey_refusals_total', { code: 'unavailable' }],
      ] as const)
        expect(value(name, labels), name).to.be.above(before[index]!.value(name, labels) ?? 0);
    expect(Math.max(...back.map((event) => event!.endedAt - upAt)), 'ms to recover').to.be.below(5_000);
    expect(history.tally).to.have.property('unavailable').above(0);
    expect(history.unforgivable()).to.deep.equal([]);
    expect(history.broken()).to.deep.equal([]);
    expect(await endedOf(staying)).to.equal(0);
    expect(load.left.length).to.be.above(leaving.length / 2);
    expect(await endedOf(leaving.filter(({ sid }) => load.left.includes(sid)))).to.equal(load.left.length);
    const facts = await readSessionFacts(databaseUrl);
    expect(facts.generations).to.equal(facts.rotations);
    expect(history.successors()).to.equal(facts.generations);
  });

  it('Postgres is suspended: `unavailable` before the timeout of clients, live but not ready, and then it resumes', async function () {
    this.timeout(60_000);
    const [visitor] = await welcomeVisitors(1, nodes[0]!, history, 'waits');
    const health = async (path: string) => (await fetch(nodes[0]!.url + path)).status;
    postgres.pause();
    try {
      const began = performance.now();
      const asked = [visitor!.attempt(nodes[0]!), health('/health/live'), health('/health/ready')];
      expect(await Promise.all(asked)).to.deep.equal(['unavailable', 200, 503]);
      expect(performance.now() - began, 'ms to say so').to.be.below(3_500);
      const { value } = await readMetrics(nodes[0]!);
      expect(value('latchkey_health_check', { check: 'database' })).to.equal(0);
      expect(value('latchkey_refusals_total', { code: 'unavailable' })).to.be.at.least(1);
    } finally {
      postgres.resume();
    }
    await visitor!.rotate(nodes);
    expect(history.unforgivable()).to.deep.equal([]);
    expect(await endedOf([visitor!])).to.equal(0);
  });

  it('the answer to a commit is lost: one rotation is committed, and the client gets its token', async function () {
    this.timeout(60_000);
    const [visitor] = await welcomeVisitors(1, nodes[0]!, history, 'commit');
    const before = await readSessionFacts(databaseUrl);
    const replays = async () => (await readMetrics(proxied)).value('latchkey_rotations_total', { verdict: 'replay' })!;
    const replaysBefore = await replays();
    const swallowedBefore = proxy.swallowed();
    for (let turn = 0; turn < lostReplies; turn++) {
      const swallowed = proxy.swallowed();
      proxy.setMode('swallow_reply');
      const attempt = visitor!.attempt(proxied);
      while (proxy.swallowed() === swallowed) await new Promise(setImmediate);
      proxy.setMode('pass');
      if ((await attempt) !== 'rotated') await visitor!.rotate([proxied]);
    }
    const after = await readSessionFacts(databaseUrl);
    expect(proxy.swallowed() - swallowedBefore).to.be.at.least(lostReplies);
    expect(after.rotations - before.rotations).to.equal(lostReplies);
    expect(after.generations - before.generations).to.equal(lostReplies);
    expect((await replays()) - replaysBefore, 'repeated rotations').to.be.above(0);
    expect(history.tally).to.deep.equal({});
  });

  it('revocations arrive within a second while the LISTEN connection is half-open', async function () {
    this.timeout(60_000);
    const visitors = await welcomeVisitors(9, nodes[0]!, history, 'hint');
    const sockets = await Promise.all(visitors.map(() => createPlainClient(proxied).connect()));
    for (const [index, { token }] of visitors.entries()) {
      const outcome = await sockets[index]!.authenticate({ token, rotation_key: newKey() });
      expect(outcome.event).to.equal('authenticated');
    }
    const endAll = async (from: number, to: number) => {
      const times: number[] = [];
      for (let index = from; index < to; index++) {
        const began = performance.now();
        expect(await visitors[index]!.leave(nodes[0]!)).to.equal(true);
        await sockets[index]!.next('logged_out', 5_000);
        times.push(performance.now() - began);
      }
      return times;
    };
    const hinted = await endAll(0, 3);
    await silenceListener();
    const silentAt = performance.now();
    const before = await readMetrics(proxied);
    const polled = await endAll(3, visitors.length);
    const silentSeconds = (performance.now() - silentAt) / 1_000;
    const { value } = await readMetrics(proxied);
    expect(value('latchkey_revocation_hint_age_seconds')).to.be.at.least(silentSeconds);
    const ends = value('latchkey_revocations_total')! - before.value('latchkey_revocations_total')!;
    expect(ends, 'each end once').to.equal(visitors.length - 3);
    expect(Math.max(...polled), 'ms without hints').to.be.below(1_000);
    expect(Math.max(...polled), 'the hints were really gone').to.be.above(Math.min(...hinted) + 100);
  });

  it('a connection that is silently dead makes one answer unavailable, and no later one', async function () {
    this.timeout(60_000);
    const [visitor] = await welcomeVisitors(1, nodes[0]!, history, 'silence');
    for (const connection of proxy.connections()) connection.setMode('black_hole');
    expect(await visitor!.attempt(proxied)).to.be.oneOf(['unavailable', 'rotated']);
    await visitor!.rotate([proxied], 5_000);
    const began = performance.now();
    for (let turn = 0; turn < 5; turn++) await visitor!.rotate([proxied]);
    expect(performance.now() - began, 'ms for five').to.be.below(2_000);
  });

  /** Its connection stays open on both sides and delivers nothing more. The proxy's connections are in Postgres' order. */
  async function silenceListener(): Promise<void> {
    const text = `SELECT query FROM pg_stat_activity WHERE application_name = 'proxied' ORDER BY backend_start`;
    let rows: { query: string }[] = [];
    const isWhole = async () => {
      rows = await runSql<{ query: string }>(databaseUrl, text);
      return rows.length === proxy.connections().length;
    };
    await waitFor(isWhole, 10_000);
    proxy.connections()[rows.findIndex(({ query }) => query.startsWith('LISTEN'))]!.setMode('black_hole');
  }

  async function endedOf(visitors: readonly Visitor[]): Promise<number> {
    const sids = visitors.map(({ sid }) => sid);
    const text = 'SELECT count(*)::int AS ended FROM sessions WHERE sid = ANY($1) AND revoked_at IS NOT NULL';
    const [row] = await runSql<{ ended: number }>(databaseUrl, text, [sids]);
    return row!.ended;
  }
});
