import { randomUUID } from 'node:crypto';
import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { startTcpProxy, type TcpProxy } from '../../../test-kit/tcp-proxy.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import type { Revocation } from '../../src/domain/revocation/revocation.ts';
import type { FeedSegmentListener } from '../../src/domain/revocation/revocation-feed.ts';
import { type BackendStage, openBackendStage } from './backend-stage.ts';

/** Some 4 MB on the wire, which take 6 s on this line: longer than any single answer may. */
const length = 40_000;
const bytesPerSecond = 650_000;

describe('a long revocation list on a slow connection', function () {
  this.timeout(60_000);
  let stage: BackendStage;
  let proxy: TcpProxy;
  let latchkey: Latchkey;
  let subscriptions: number;
  let connections: number;
  let end: () => string;

  beforeEach(async () => {
    [subscriptions, connections] = [0, 0];
    const list: Revocation[] = [];
    let tell: FeedSegmentListener = () => {};
    const add = () => {
      list.push({ seq: list.length + 1, sid: randomUUID(), reason: 'logout', untilMs: Date.now() + 377_000 });
      return list.at(-1)!;
    };
    for (let at = 0; at < length; at += 1) add();
    end = () => {
      const entry = add();
      tell({ kind: 'delta', epoch: 'e1', seq: list.length, entries: [entry] });
      return entry.sid;
    };
    const backend = { id: 'bank', tenantId: null, scopes: ['feed'], origins: [] };
    const presence = { start: async () => {}, renew: async () => {}, stop: async () => {}, leave: async () => {} };
    stage = await openBackendStage({
      flows: {
        acceptCredential: async () => {
          connections += 1;
          return { backend };
        },
        revalidateCredentials: async () => [backend],
        listPresence: async function* () {},
        tenantsSeq: () => 0,
        onTenantChanged: () => () => {},
      } as never,
      feed: {
        since(epoch, seq) {
          if (epoch === 'e1' && seq !== undefined)
            return { kind: 'delta', epoch, seq: list.length, entries: list.slice(seq) };
          subscriptions += 1;
          return { kind: 'snapshot', epoch: 'e1', seq: list.length, entries: [...list] };
        },
        onSegment(listener) {
          tell = listener;
          return () => {};
        },
        ageMs: () => 0,
      },
      presenceOf: () => presence as never,
      kids: () => '',
    });
    proxy = await startTcpProxy({ port: Number(new URL(stage.url).port) });
    proxy.setMode('slow', { bytesPerSecond });
  });
  afterEach(async () => {
    latchkey?.close();
    await proxy.close();
    await stage.stop();
  });

  it('arrives complete with one subscription, with revocations of the meantime', async () => {
    latchkey = createLatchkey({ url: proxy.urlFor(stage.url), backendId: 'bank', backendSecret: 'secret' });
    await waitFor(() => subscriptions === 1);
    const meanwhile = end();
    await Promise.race([latchkey.ready(), new Promise((resolve) => setTimeout(resolve, 30_000))]);
    expect(latchkey.health()).to.include({
      isConnected: true,
      isReady: true,
      isStale: false,
      revokedCount: length + 1,
    });
    expect([subscriptions, connections]).to.deep.equal([1, 1]);
    expect(stage.warnings).to.deep.equal([]);
    const later = end();
    expect(later).not.to.equal(meanwhile);
    await waitFor(() => latchkey.health().revokedCount === length + 2);
  });
});
