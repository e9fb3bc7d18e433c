import { setTimeout as sleep } from 'node:timers/promises';
import { createLatchkey, type Latchkey, type StalenessPolicy } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { openPlainBackend, type PlainBackend } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newKey } from '../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { startTcpProxy, type TcpProxy } from '../test-kit/tcp-proxy.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const maxStalenessMs = 2_000;
/** A heartbeat each second says what a read within the last second found. */
const heartbeatMs = 1_000;

describe('a backend whose service loses its database', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let proxy: TcpProxy;
  let service: ServiceProcess;
  let latchkey: Latchkey;
  let watcher: PlainBackend;

  before(async () => {
    cluster = await createCluster();
    proxy = await startTcpProxy({ port: Number(new URL(cluster.databaseUrl).port) });
    service = await cluster.start({ DATABASE_URL: proxy.urlFor(cluster.databaseUrl) });
    const credential = await cluster.makeBackend();
    watcher = openPlainBackend(service.url, credential);
    await watcher.connected();
    await watcher.call('subscribe', {});
    const { backend_id: backendId, backend_secret: backendSecret } = credential;
    latchkey = createLatchkey({ url: service.url, backendId, backendSecret, maxStalenessMs });
    await latchkey.ready();
  });
  after(async () => {
    watcher.close();
    latchkey.close();
    await proxy.close();
    await cluster.stop();
  });

  async function accessToken(): Promise<string> {
    const client = createPlainClient({ url: service.url });
    const login = await client.register('one@example.test', 'correct horse battery');
    const outcome = await (await client.connect()).authenticate({ ...login, rotation_key: newKey() });
    client.close();
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return outcome.payload.access_token;
  }
  const verdict = (token: string, policy: StalenessPolicy) =>
    latchkey.verify(token, { policy }).then(
      () => 'accepted',
      ({ code }: { code: string }) => code,
    );
  const beats = () => watcher.pushes.filter(({ event }) => event === 'heartbeat').length;

  it('receives no heartbeats, is stale when the last one is too old and not before, and recovers', async () => {
    const token = await accessToken();
    await waitFor(() => beats() >= 2, 4_000);
    expect(await verdict(token, 'deny')).to.equal('accepted');

    proxy.setMode('black_hole');
    const silentSince = performance.now();
    await waitFor(() => latchkey.health().isStale, 10_000);
    const staleAfterMs = performance.now() - silentSince;
    expect(staleAfterMs).to.be.within(maxStalenessMs - heartbeatMs - 100, maxStalenessMs + 2 * heartbeatMs + 500);
    expect(latchkey.health().isConnected, 'the line itself stands').to.equal(true);
    expect([await verdict(token, 'deny'), await verdict(token, 'allow')]).to.deep.equal([
      'revocations_stale',
      'accepted',
    ]);
    const heard = beats();
    await sleep(1.5 * heartbeatMs);
    expect(beats()).to.equal(heard);

    proxy.setMode('pass');
    proxy.cutAll();
    await waitFor(() => !latchkey.health().isStale, 15_000);
    expect(await verdict(token, 'deny')).to.equal('accepted');
  });
});
