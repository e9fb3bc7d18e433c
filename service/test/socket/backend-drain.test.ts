import { randomUUID } from 'node:crypto';
import { backendProtocol } from '@latchkey/contract';
import { expect } from 'chai';
import { io, type Socket } from 'socket.io-client';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { type BackendStage, openBackendStage } from './backend-stage.ts';

describe('a node that drains', () => {
  let stage: BackendStage;
  let backend: Socket;
  let answers: (() => void)[];

  beforeEach(async () => {
    answers = [];
    const flows = {
      acceptCredential: () =>
        new Promise((resolve) =>
          answers.push(() => resolve({ backend: { id: 'bank', tenantId: null, scopes: ['relay'] } })),
        ),
      onTenantChanged: () => () => {},
    };
    const presence = { start: async () => {}, leave: async () => {} };
    stage = await openBackendStage({
      flows: flows as never,
      feed: { since: () => undefined as never, onSegment: () => () => {}, ageMs: () => 0 },
      presenceOf: () => presence as never,
      kids: () => '',
    });
    const auth = { backend_id: 'bank', backend_secret: 'secret', server_id: randomUUID(), protocol: backendProtocol };
    backend = io(`${stage.url}/backend`, { transports: ['websocket'], auth, reconnection: false });
  });
  afterEach(async () => {
    backend.disconnect();
    await stage.stop();
  });

  it('refuses the handshake of a backend whose connection was opened before the drain', async () => {
    const refused = new Promise<{ data?: { code: string } }>((resolve) => backend.once('connect_error', resolve));
    const entered = new Promise<never>((_, reject) => backend.once('connect', () => reject(new Error('let in'))));
    await waitFor(() => answers.length === 1);
    await stage.drain();
    for (const answer of answers) answer();
    expect((await Promise.race([refused, entered])).data?.code).to.equal('server_draining');
  });
});
