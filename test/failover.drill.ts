import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { type Postgres, startPostgres } from '../test-kit/database/postgres.ts';
import { type Standby, startStandby } from '../test-kit/database/standby.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { readMetrics } from '../test-kit/node/read-metrics.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { startTcpProxy, type TcpProxy } from '../test-kit/tcp-proxy.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { faultEnv, type Visitor, welcomeVisitors } from './faults/visitor.ts';
import { type AppProcess, startApp } from './link/app-process.ts';
import { createHistory } from './storm/history.ts';
import { runSql } from './storm/rotation-trace.ts';

/** FAILOVER_LOGOUTS: how many logouts are acknowledged and lost. `npm run test:failover` takes 1,000. */
const logouts = Number(process.env.FAILOVER_LOGOUTS ?? 100);

describe('a failover of the database to its replica', function () {
  this.timeout(120_000);
  let primary: Postgres;
  let standby: Standby;
  let replication: TcpProxy;
  let address: TcpProxy;
  let databaseUrl: string;
  let cluster: Cluster;
  let nodes: ServiceProcess[];
  let app: AppProcess;

  before(async () => {
    primary = await startPostgres();
    databaseUrl = await primary.createDatabase();
    replication = await startTcpProxy(primary);
    standby = await startStandby(primary, { through: replication.port });
    address = await startTcpProxy(primary);
    const many = { LATCHKEY_REGISTRATIONS_PER_ADDRESS: '1000000' };
    cluster = await createCluster({ ...faultEnv, ...many, DATABASE_URL: address.urlFor(databaseUrl) });
    nodes = [await cluster.start(), await cluster.start()];
    app = await startBackend(nodes[0]!);
  });
  after(async () => {
    await app?.stop();
    await cluster?.stop();
    await Promise.all([address?.close(), replication?.close()]);
    await Promise.all([standby?.stop(), primary?.stop()]);
  });

  async function startBackend(node: ServiceProcess): Promise<AppProcess> {
    const issuer = faultEnv.LATCHKEY_PUBLIC_URL;
    const backend = await startApp(await cluster.makeBackend(), {
      latchkey: { url: node.url, issuer, audience: issuer },
    });
    await backend.ready();
    return backend;
  }

  const sql = <Row>(text: string, server: Postgres = primary) => {
    const url = new URL(databaseUrl);
    url.port = String(server.port);
    return runSql<Row & object>(url.href, text);
  };

  async function caughtUp(): Promise<void> {
    const isSame = async () =>
      (
        await sql<{ n: number }>(`SELECT count(*)::int AS n FROM pg_stat_replication
        WHERE replay_lsn >= pg_current_wal_lsn()`)
      )[0]!.n === 1;
    await waitFor(isSame, 20_000);
  }

  /** The status of a request with the session's access token. */
  async function atNode(node: ServiceProcess, { accessToken }: Visitor): Promise<number> {
    const headers = { authorization: `Bearer ${accessToken}` };
    return (await fetch(node.url + paths.me, { headers })).status;
  }

  const all = <T>(visitors: readonly Visitor[], ask: (visitor: Visitor) => Promise<T>) =>
    Promise.all(visitors.map(ask)).then((answers) => [...new Set(answers)]);

  it('keeps every acknowledged logout of a lost commit ended, at old and new nodes and backends', async () => {
    const [ofLeaving, ofStaying] = [createHistory(), createHistory()];
    const leaving: Visitor[] = [];
    for (let from = 0; from < logouts; from += 20)
      leaving.push(...(await welcomeVisitors(Math.min(20, logouts - from), nodes[0]!, ofLeaving, `leaves${from}-`)));
    const [stays] = await welcomeVisitors(1, nodes[0]!, ofStaying, 'stays');
    await caughtUp();
    replication.setMode('black_hole');
    expect(await all(leaving, (visitor) => visitor.leave(nodes[0]!))).to.deep.equal([true]);
    await sleep(600);
    const lost = await sql<{ n: number }>('SELECT count(*)::int AS n FROM blacklist', standby);
    expect(lost, 'of the logouts on the replica').to.deep.equal([{ n: 0 }]);

    await primary.halt('immediate');
    replication.cutAll();
    address.redirect(standby.port);
    expect(await stays!.attempt(nodes[0]!), 'before the promotion').to.equal('unavailable');
    await waitFor(async () => (await fetch(nodes[0]!.url + paths.healthReady)).status === 503, 2_000);
    await standby.promote();
    address.redirect(standby.port);
    const promotedAt = performance.now();
    const answers = leaving.map((visitor) => visitor.attempt(nodes[1]!));
    await stays!.rotate(nodes, 10_000);
    expect(performance.now() - promotedAt, 'ms until sessions are judged').to.be.below(10_000);
    for (const answer of await Promise.all(answers)) expect(answer).to.be.oneOf(['unavailable', 'session_revoked']);

    const fresh = await cluster.start();
    const freshApp = await startBackend(fresh);
    try {
      for (const node of [...nodes, fresh]) {
        expect(await all(leaving, (visitor) => atNode(node, visitor))).to.deep.equal([401]);
        expect(await all(leaving, (visitor) => visitor.attempt(node))).to.deep.equal(['session_revoked']);
      }
      for (const backend of [app, freshApp])
        expect(await all(leaving, (visitor) => backend.ask(visitor.accessToken))).to.deep.equal([
          '401 unauthenticated',
        ]);
      expect(await app.ask(stays!.accessToken)).to.equal('200');
    } finally {
      await freshApp.stop();
    }
    const [row] = await sql<{ detail: Record<string, unknown> }>(
      `SELECT detail FROM audit WHERE action = 'failover'`,
      standby,
    );
    expect(row!.detail).to.include({ ends: logouts, unknown: 0, missing: 0, reported: 2, covered: true });
    expect(nodes.map((node) => node.log()).join('')).to.match(new RegExp(`${logouts} lost ends were written back`));
    for (const { value } of await Promise.all(nodes.map(readMetrics))) {
      expect(value('latchkey_failovers_total')).to.equal(1);
      expect(value('latchkey_failover_recovering')).to.equal(0);
    }
    expect(ofStaying.unforgivable()).to.deep.equal([]);
  });
});
