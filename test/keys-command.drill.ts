import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { command } from './admin/signed-in-user.ts';
import { runSql } from './storm/rotation-trace.ts';

const newSecret = () => randomBytes(32).toString('base64url');

describe('the command keys rotate', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  before(async () => {
    cluster = await createCluster();
  });
  after(() => cluster.stop());

  it('refuses a secret that no node has, prints what to do, and changes nothing', async () => {
    const node = await cluster.start();
    const keys = () => runSql(cluster.databaseUrl, 'SELECT kid, state, wrap_kid FROM signing_keys ORDER BY kid');
    const before = await keys();
    for (const LATCHKEY_SECRET of [newSecret(), `${newSecret()},${cluster.env.LATCHKEY_SECRET}`]) {
      const { code, log } = await command({ ...cluster.env, LATCHKEY_SECRET }, 'keys', 'rotate');
      expect(code, log).to.equal(1);
      expect(log).to.contain('LATCHKEY_SECRET of the nodes').and.not.to.contain('    at ');
    }
    expect(await keys()).to.deep.equal(before);
    expect((await command(cluster.env, 'keys', 'rotate')).code).to.equal(0);
    await node.stop();
  });

  it('creates keys after the secret was lost, once a node has the next one', async () => {
    const LATCHKEY_SECRET = newSecret();
    const env = { ...cluster.env, LATCHKEY_SECRET };
    expect((await command(env, 'keys', 'rotate')).code).to.equal(1);
    const early = await startService({ env });
    await waitFor(() => early.log().includes('started, but not ready (keys)'), 20_000);
    const { code, log } = await command(env, 'keys', 'rotate');
    expect(code, log).to.equal(0);
    await early.stop();
    await cluster.start({ LATCHKEY_SECRET });
  });
});
