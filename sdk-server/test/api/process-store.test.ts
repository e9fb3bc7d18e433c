import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { codeOfAck } from '../../../test-kit/codes.ts';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { createProcessStore } from '../../src/api/process-store.ts';
import { type ApiStage, createApiStage, openPromise } from './api-stage.ts';

const callOf = (key: string, fingerprint = 'f') => {
  return { tenantId: 't', userId: 'u', api: 'api', call: 'pay', key, fingerprint };
};

describe('createProcessStore', () => {
  const clock = createFakeClock();

  it('runs a call once, gives every repetition the same answer, and removes the answer after its lifetime', async () => {
    const store = createProcessStore({ clock, keepMs: 1_000 });
    let runs = 0;
    const once = () => store.once(callOf('k'), async () => ++runs);
    expect([await once(), await once()]).to.deep.equal([1, 1]);
    clock.advance(1_000);
    expect(await once()).to.equal(2);
  });

  it('stores no failure', async () => {
    const store = createProcessStore({ clock });
    const failing = store.once(callOf('k'), () => Promise.reject(new Error('x')));
    expect(await failing.catch((error: Error) => error.message)).to.equal('x');
    expect(await store.once(callOf('k'), async () => 'fine')).to.equal('fine');
  });

  it('evicts the oldest answers when it is full, and no call in progress', async () => {
    const store = createProcessStore({ clock, capacity: 2 });
    const gate = openPromise<string>();
    const running = store.once(callOf('running'), () => gate.promise);
    for (const key of ['a', 'b', 'c']) await store.once(callOf(key), async () => 1);
    expect(await store.once(callOf('a'), async () => 2)).to.equal(2);
    const repeated = store.once(callOf('running'), async () => 'again');
    gate.resolve('first');
    expect([await running, await repeated]).to.deep.equal(['first', 'first']);
  });
});

describe('an idempotency key', () => {
  const stages: ApiStage[] = [];
  afterEach(async () => {
    for (const one of stages.splice(0)) await one.end();
  });
  const open = async (...change: Parameters<typeof createApiStage>) => {
    const one = await createApiStage(...change);
    stages.push(one);
    return one;
  };
  it('runs a call once that is repeated at once or after a reconnect', async () => {
    const { api, stage, ledger } = await open({ idempotency: 'process' });
    const gate = openPromise();
    api.on('pay', async function () {
      await gate.promise;
      ledger.written.push(`paid ${this.idempotencyKey}`);
      return ledger.written.length;
    });
    const client = await stage.member('s1');
    const pay = () => client.ask('api', 'pay', { to: 'x' }, { idempotency_key: 'k1' });
    const both = [pay(), pay()];
    await stage.settle();
    gate.resolve();
    expect(await Promise.all(both)).to.deep.equal([
      { ok: true, data: 1 },
      { ok: true, data: 1 },
    ]);
    client.socket.close();
    const again = await stage.member('s1');
    const answer = await again.ask('api', 'pay', { to: 'x' }, { idempotency_key: 'k1' });
    expect(answer).to.deep.equal({ ok: true, data: 1 });
    expect(ledger.written).to.deep.equal(['paid k1']);
    expect(codeOfAck(await again.ask('api', 'pay', { to: 'y' }, { idempotency_key: 'k1' }))).to.equal(
      'invalid_request',
    );
  });

  it('is refused without a store, and when it is malformed', async () => {
    const { api, stage } = await open();
    let ran = 0;
    api.on('pay', () => {
      ran += 1;
    });
    const client = await stage.member('s1');
    for (const options of [
      { idempotency_key: 'k' },
      { idempotency_key: '' },
      { idempotency_key: 7 },
      { other: 1 },
      'k',
    ]) {
      expect(codeOfAck(await client.ask('api', 'pay', {}, options))).to.equal('invalid_request');
    }
    expect(ran).to.equal(0);
    expect(await client.ask('api', 'pay', {}, {})).to.include({ ok: true });
  });

  it('is stored inside the transaction when the store belongs to it', async () => {
    const seen: unknown[] = [];
    const { api, stage, ledger } = await open({
      idempotency: {
        within: 'transaction',
        async once(call, work, transaction) {
          seen.push(call.key, call.userId, call.tenantId, call.call);
          transaction.write(`kept ${call.key}`);
          return work();
        },
      },
    });
    api.on(
      'pay',
      { input: { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) } }, transactional: true },
      (params, call) => {
        if (params === 'poor') throw fail('forbidden');
        call.getTransaction().write('paid');
      },
    );
    const client = await stage.member('s1');
    expect(codeOfAck(await client.ask('api', 'pay', 'poor', { idempotency_key: 'k1' }))).to.equal('forbidden');
    expect(ledger.written).to.deep.equal([]);
    expect(await client.ask('api', 'pay', 'rich', { idempotency_key: 'k1' })).to.include({ ok: true });
    expect(ledger.written).to.deep.equal(['kept k1', 'paid']);
    expect(seen.slice(0, 4)).to.deep.equal(['k1', 'user-1', 'tenant-1', 'pay']);
  });
});
