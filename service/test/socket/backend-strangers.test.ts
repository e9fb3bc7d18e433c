import { randomUUID } from 'node:crypto';
import { backendProtocol, fail } from '@latchkey/contract';
import { expect } from 'chai';
import { Manager } from 'socket.io-client';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { type BackendStage, openBackendStage } from './backend-stage.ts';

describe('refused backends on one connection', () => {
  let stage: BackendStage;
  let manager: Manager;
  let asked: number;

  beforeEach(async () => {
    asked = 0;
    const flows = {
      async acceptCredential() {
        asked += 1;
        throw fail('unauthenticated');
      },
      onTenantChanged: () => () => {},
    };
    stage = await openBackendStage({
      flows: flows as never,
      feed: { since: () => undefined as never, onSegment: () => () => {}, ageMs: () => 0 },
      presenceOf: () => undefined as never,
      kids: () => '',
    });
    manager = new Manager(stage.url, { transports: ['websocket'], reconnection: false });
    await waitFor(() => manager.engine?.readyState === 'open');
  });
  afterEach(() => stage.stop());

  const credential = {
    backend_id: 'bank',
    backend_secret: 'guess',
    server_id: randomUUID(),
    protocol: backendProtocol,
  };
  const knock = (auth: object) => manager.engine.write(`0/backend,${JSON.stringify(auth)}`);
  const isOpen = () => manager.engine.readyState === 'open';

  it('are checked in the database a few times, and then cut', async () => {
    for (let count = 0; count < 500; count += 1) knock(credential);
    await waitFor(() => !isOpen());
    expect(asked).to.equal(8);
  });

  it('are cut after attempts without a credential as well', async function () {
    // Sooner than whoever joins no namespace at all.
    this.timeout(3_000);
    for (let count = 0; count < 500; count += 1) knock({});
    await waitFor(() => !isOpen());
    expect(asked).to.equal(0);
  });

  it('are refused for their protocol version before their id is read', async () => {
    for (const backend_id of [{ toString: 1 }, null, ['bank']]) knock({ backend_id, protocol: 0 });
    await waitFor(() => stage.warnings.length > 0);
    expect(stage.warnings.filter((line) => !line.includes('another version of the protocol'))).to.deep.equal([]);
  });

  it('may repeat the handshake on the same connection after a transient error', async () => {
    for (let count = 0; count < 5; count += 1) knock(credential);
    await waitFor(() => asked === 5);
    expect(isOpen()).to.equal(true);
  });
});
