import { randomUUID } from 'node:crypto';
import { backendProtocol } from '@latchkey/contract';
import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { type BackendStage, openBackendStage } from './backend-stage.ts';

describe('presence of a backend', () => {
  const sid = randomUUID();
  const foreign = randomUUID();
  let stage: BackendStage;
  let backend: Socket;
  let written: [string, number][];
  /** The looks at the database that are under way: which of the sessions are the backend's. */
  let looks: (() => void)[];

  beforeEach(async () => {
    [written, looks] = [[], []];
    const presence = { async start() {}, async leave() {} };
    const bank = { id: 'bank', tenantId: 'acme', scopes: ['relay'] };
    const flows = {
      acceptCredential: async () => ({ backend: bank }),
      revalidateCredentials: async () => [bank],
      countSockets: (_server: unknown, counts: ReadonlyMap<string, number>) =>
        new Promise((resolve, reject) => {
          const own = [...counts].filter(([id]) => id === sid);
          looks.push(() => {
            if (counts.size > 2) return reject(new Error('lost'));
            written.push(...own);
            resolve(counts.size - own.length);
          });
        }),
      onTenantChanged: () => () => {},
    };
    stage = await openBackendStage({
      flows: flows as never,
      feed: { since: () => undefined as never, onSegment: () => () => {}, ageMs: () => 0 },
      presenceOf: () => presence as never,
      kids: () => '',
    });
    const auth = { backend_id: 'bank', backend_secret: 'secret', server_id: randomUUID(), protocol: backendProtocol };
    backend = io(`${stage.url}/backend`, { transports: ['websocket'], auth });
    await waitFor(() => backend.connected);
  });
  afterEach(async () => {
    backend.disconnect();
    await stage.stop();
  });

  const tell = (payload: object): Promise<{ ok: boolean }> => backend.emitWithAck('presence', payload);
  /** The look that began last is answered first. */
  const answerLooks = () => {
    for (const answer of looks.splice(0).reverse()) answer();
  };
  const settled = async (told: Promise<unknown>) => {
    let isOver = false;
    told.finally(() => {
      isOver = true;
    });
    await waitFor(() => {
      answerLooks();
      return isOver;
    });
  };

  it('is written in the order of the reports, also when the database answers in another order', async () => {
    const told = [tell({ counts: [[sid, 1]], all: true }), tell({ counts: [[sid, 2]] }), tell({ counts: [[sid, 0]] })];
    // Until whatever may be asked at once has been.
    await backend.emitWithAck('nothing', {});
    await settled(Promise.all(told));
    expect(written).to.deep.equal([
      [sid, 1],
      [sid, 2],
      [sid, 0],
    ]);
  });

  it('continues after a failed report, and warns once about sessions that were left out', async () => {
    const ids = [sid, randomUUID(), randomUUID()];
    const lost = tell({ counts: ids.map((id) => [id, 1]) });
    const told = tell({
      counts: [
        [foreign, 3],
        [sid, 4],
      ],
    });
    await settled(Promise.all([lost, told]));
    expect([(await lost).ok, (await told).ok]).to.deep.equal([false, true]);
    expect(written).to.deep.equal([[sid, 4]]);
    expect(stage.warnings.filter((line) => line.includes('that it did not relay'))).to.have.length(1);
  });
});
