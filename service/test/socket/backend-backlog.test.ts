import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { backendProtocol, type RevocationBatch } from '@latchkey/contract';
import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import { waitFor } from '../../../test-kit/wait-for.ts';
import type { FeedSegment } from '../../src/domain/revocation/revocation-feed.ts';
import { type BackendStage, openBackendStage, type StageDeps } from './backend-stage.ts';

const length = 150_000;

/** Some 13 MB on the wire: more than the machine itself holds for a reader. */
const entries = Array.from({ length }, (_, at) => ({
  ...{ seq: at + 1, sid: randomUUID(), reason: 'logout' as const },
  untilMs: Date.now() + 377_000,
}));
const everything: FeedSegment = { kind: 'snapshot', epoch: 'e1', seq: length, entries };

const backend = { id: 'bank', tenantId: null, scopes: ['feed'], origins: [] };

/** A service whose list of ended sessions is long. */
function longListed(): StageDeps {
  const presence = {
    start: async () => {},
    renew: async () => {},
    stop: async () => {},
    stopReporting: async () => {},
  };
  const flows = {
    acceptCredential: async () => ({ backend }),
    revalidateCredentials: async () => [backend],
    listPresence: async function* () {},
    tenantsSeq: () => 0,
    onTenantChanged: () => () => {},
  };
  return {
    flows: flows as never,
    feed: { since: () => everything, onSegment: () => () => {}, ageMs: () => 0 },
    presenceOf: () => presence as never,
    kids: () => '',
  };
}

/** What lies under Socket.IO's client. */
interface Wire {
  pause(): void;
  resume(): void;
}
const wireOf = ({ io: manager }: Socket) => (manager.engine.transport as unknown as { ws: Wire }).ws;

describe('a backend that does not read', () => {
  let stage: BackendStage;
  let reader: Socket;

  beforeEach(async () => {
    stage = await openBackendStage(longListed());
    const auth = { backend_id: 'bank', backend_secret: 'secret', server_id: randomUUID(), protocol: backendProtocol };
    reader = io(`${stage.url}/backend`, { transports: ['websocket'], reconnection: false, forceNew: true, auth });
    await new Promise<void>((resolve) => reader.once('connect', resolve));
    wireOf(reader).pause();
  });
  afterEach(async () => {
    reader.disconnect();
    await stage.stop();
  });

  it('for a short time keeps its connection, and then receives the whole list and the heartbeats after it', async () => {
    let beats = 0;
    reader.on('heartbeat', () => {
      beats += 1;
    });
    const answer = new Promise<{ data: { feed: RevocationBatch } }>((resolve) => reader.emit('subscribe', {}, resolve));
    await sleep(1_000);
    expect(stage.connected()).to.equal(1);
    expect(beats).to.equal(0);
    wireOf(reader).resume();
    expect((await answer).data.feed.entries).to.have.length(length);
    await waitFor(() => beats > 10);
    expect(stage.warnings).to.deep.equal([]);
  }).timeout(10_000);

  it('permanently is cut before a third list is queued', async () => {
    for (let asked = 0; asked < 3; asked += 1) reader.emit('subscribe', {}, () => {});
    await waitFor(() => stage.connected() === 0);
    expect(stage.warnings).to.deep.equal(['a backend does not read; its connection is cut']);
    const gone = new Promise((resolve) => reader.once('disconnect', resolve));
    wireOf(reader).resume();
    expect(await gone).to.match(/^transport/);
  }).timeout(10_000);
});
