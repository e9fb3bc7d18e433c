import { expect } from 'chai';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { command } from './admin/signed-in-user.ts';
import { faultEnv, type Visitor, welcomeVisitors } from './faults/visitor.ts';
import { createHistory } from './storm/history.ts';
import { runSql } from './storm/rotation-trace.ts';

describe('the command database restored', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let node: ServiceProcess;
  let visitor: Visitor;
  before(async () => {
    cluster = await createCluster(faultEnv);
    node = await cluster.start();
  });
  after(() => cluster.stop());
  let visitors = 0;
  beforeEach(async () => {
    visitors += 1;
    [visitor] = (await welcomeVisitors(1, node, createHistory(), `p${visitors}-`)) as [Visitor];
  });

  const counter = async () =>
    (await runSql<{ counter: number }>(cluster.databaseUrl, 'SELECT counter::int FROM blacklist_head'))[0]!.counter;

  it('ends every session, and restarts the revocation list at nodes', async () => {
    const before = await counter();
    const { code, log } = await command(cluster.env, 'database', 'restored', '--yes');
    expect(code, log).to.equal(0);
    expect(await visitor.attempt(node)).to.equal('session_revoked');
    expect(await counter()).to.equal(before + 1);
    const audit = `SELECT detail FROM audit WHERE action = 'database_restored'`;
    expect(await runSql(cluster.databaseUrl, audit)).to.deep.equal([{ detail: { by: 'command line', ended: 1 } }]);
  });

  it('serves a moved database without an end of sessions with the option for it', async () => {
    await cluster.start().then((other) => other.kill('SIGKILL'));
    // A node that runs would begin a recovery of its own, and may be faster than the command.
    node.kill('SIGSTOP');
    await runSql(cluster.databaseUrl, `UPDATE cluster SET served = 'pg_upgrade.00000001', moved_to = NULL`);
    // Another command begins no recovery, which would end the sessions.
    expect((await command(cluster.env, 'user', 'list')).code).to.equal(0);
    const served = 'SELECT served, moved_to IS NULL AS unmoved FROM cluster';
    expect(await runSql(cluster.databaseUrl, served)).to.deep.equal([{ served: 'pg_upgrade.00000001', unmoved: true }]);
    const { code, log } = await command(cluster.env, 'database', 'restored', '--keep-sessions');
    node.kill('SIGCONT');
    expect(code, log).to.equal(0);
    await waitFor(async () => (await visitor.attempt(node)) === 'rotated', 20_000);
  });

  it('refuses an unknown option, and changes nothing', async () => {
    const { code, log } = await command(cluster.env, 'database', 'restored', '--keep');
    expect(code).to.equal(2);
    expect(log).to.contain("unknown option '--keep'");
    expect(await visitor.attempt(node)).to.equal('rotated');
  });
});
