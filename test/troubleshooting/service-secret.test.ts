import { randomBytes } from 'node:crypto';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient } from '../../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import { startService } from '../../test-kit/node/service-process.ts';
import { waitFor } from '../../test-kit/wait-for.ts';

describe('troubleshooting: the secret of a node', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  before(async () => {
    cluster = await createCluster();
    await cluster.start();
  });
  after(() => cluster.stop());

  it('secret_missing: another secret than the one that the keys of the database were made with', async () => {
    const LATCHKEY_SECRET = randomBytes(32).toString('base64url');
    const node = await startService({ env: { ...cluster.env, LATCHKEY_SECRET, LOG_LEVEL: 'info' } });
    try {
      await waitFor(() => node.log().includes('started, but not ready (keys)'), 45_000);
      const lines = node.log().split('\n');
      const line = JSON.parse(lines.find((text) => text.includes('"secret_missing"'))!) as object;
      expect(line).to.include({ level: 'error', cause: 'secret_missing', setting: 'LATCHKEY_SECRET', count: 1 });
      expect(node.log()).to.not.include('ready: open');
      expect((await createPlainClient(node).request('GET', paths.healthReady)).status).to.equal(503);
    } finally {
      await node.stop();
    }
  });
});
