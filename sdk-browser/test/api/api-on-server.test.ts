import { expect } from 'chai';
import { z } from 'zod';
import { grantOf, tokenOf } from '../../../core/test/socket/scripted-authority.ts';
import { type ApiStage, createApiStage, openPromise } from '../../../sdk-server/test/api/api-stage.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { getApi } from '../../src/api/index.ts';
import { createSession, type Session } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';

describe('getApi with an apiRouter', () => {
  let it_: ApiStage;
  let session: Session;

  beforeEach(async () => {
    it_ = await createApiStage({ idempotency: 'process' }, { messageBurst: 60, messagesPerSecond: 200 });
    let generation = 0;
    it_.stage.authority.script.exchange = () => {
      generation += 1;
      return grantOf('s1', { generation, token: tokenOf('s1', generation) });
    };
    const url = `http://127.0.0.1:${it_.stage.port}`;
    const storage = createMemoryStorage();
    storage.setItem(`latchkey:${new URL(url).host}:token`, tokenOf('s1', 0));
    session = createSession({ url, storage, random: () => 0.1 });
  });
  afterEach(async () => {
    session.close();
    await it_.end();
  });

  it('calls, rejects with the invalid fields, and receives events of handlers', async () => {
    const api = it_.api.on('list', { input: z.object({ page: z.int() }) }, ({ page }, call) => {
      call.emit('listed', page);
      return { next: page + 1 };
    });
    await session.connect();
    const bank = getApi<typeof api>(session, 'api');
    const received: number[] = [];
    bank.on<number>('listed', (page) => received.push(page));
    expect((await bank.call('list', { page: 1 })).next).to.equal(2);
    expect(received).to.deep.equal([1]);
    const refused = await bank.call('list', { page: 1.5 }).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'invalid_request' }).and.to.have.nested.property('details[0].path', 'page');
  });

  it('runs a call with a key once, although its answer was lost', async () => {
    const gate = openPromise();
    let runs = 0;
    const api = it_.api.on('pay', async () => {
      runs += 1;
      await gate.promise;
      return runs;
    });
    await session.connect();
    const paying = getApi<typeof api>(session, 'api').call('pay', {}, { idempotencyKey: 'k1' });
    await waitFor(() => runs === 1);
    for (const socket of it_.stage.io.sockets.sockets.values()) socket.conn.close();
    await waitFor(() => session.state.status !== 'active');
    await waitFor(() => session.state.status === 'active');
    gate.resolve();
    expect([await paying, runs]).to.deep.equal([1, 1]);
  });

  it('completes more calls with a key than the burst allows, on one connection', async () => {
    const api = it_.api.on('add', ({ n }: { n: number }) => n);
    await session.connect();
    const [connection] = it_.stage.io.sockets.sockets.keys();
    const { call } = getApi<typeof api>(session, 'api');
    const calls = Array.from({ length: 200 }, (_, n) => call('add', { n }, { idempotencyKey: `k${n}` }));
    let isOver = false;
    const all = Promise.all(calls).finally(() => (isOver = true));
    // The server's clock follows that of the browser.
    for (let at = performance.now(); !isOver; await new Promise((resume) => setTimeout(resume, 20))) {
      const now = performance.now();
      it_.stage.clock.advance(now - at);
      at = now;
    }
    expect(await all).to.deep.equal(calls.map((_, n) => n));
    expect([...it_.stage.io.sockets.sockets.keys()]).to.deep.equal([connection]);
  });
});
