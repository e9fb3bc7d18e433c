import { expect } from 'chai';
import { createApiRouter, type TransactionStore } from '../../src/api/index.ts';
import { TransactionError } from '../../src/transaction/index.ts';
import { type ApiStage, createApiStage, type TestTransaction } from './api-stage.ts';

/** Runs everything; what was kept is not looked at. */
const runsAll: TransactionStore<TestTransaction> = {
  within: 'transaction',
  once: (_call, work) => work(),
};
/** Loses the connection while committing. */
const unknownEnds = {
  run: async <T>(work: (transaction: TestTransaction) => Promise<T>): Promise<T> => {
    await work({ write: () => {} });
    throw new TransactionError('commit_unknown', 'Nobody knows', { cause: new Error('cut') });
  },
};
const nobodyKnows = {
  code: 'unavailable',
  message: 'The commit outcome is unknown. Check the current state before retrying.',
  retryable: true,
};
const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;

/** Refused without a word of when to ask again. */
function expectNobodyKnows(answer: unknown): void {
  const { request_id: requestId, ...error } = (answer as { error: Record<string, unknown> }).error;
  expect(requestId).to.be.a('string');
  expect(error).to.deep.equal(nobodyKnows);
}

describe('an idempotency store within transactions', () => {
  const stages: ApiStage[] = [];
  afterEach(async () => {
    for (const one of stages.splice(0)) await one.end();
  });
  const open = async (...change: Parameters<typeof createApiStage>) => {
    const one = await createApiStage(...change);
    stages.push(one);
    return one;
  };
  const withKey = { idempotency_key: 'k' };

  it('refuses a key for a call that is not transactional', async () => {
    const { api, stage } = await open({ idempotency: runsAll });
    let runs = 0;
    api.on('look', () => ++runs);
    const client = await stage.member('s1');
    expect(await client.ask('api', 'look', {}, withKey)).to.deep.equal({
      ok: false,
      error: { code: 'invalid_request', message: 'This call takes no idempotency key.', retryable: false },
    });
    expect(await client.ask('api', 'look', {})).to.deep.equal({ ok: true, data: 1 });
  });

  it('is refused for a router without transactions', async () => {
    const { stage, clock } = await open();
    const sessions = { find: () => undefined };
    const make = () =>
      createApiRouter<TestTransaction>(stage.io, 'other', {
        clock,
        sessions,
        authority: stage.authority,
        idempotency: runsAll,
      });
    expect(make).to.throw(TypeError, 'needs { transactions }');
  });

  it('answers retry_after_ms when the outcome of a commit is unknown, only to calls with a key', async () => {
    const { api, stage, logged } = await open({ idempotency: runsAll, transactions: unknownEnds });
    api.on('pay', { input: anything, transactional: true }, () => 1);
    const client = await stage.member('s1');
    const refused = await client.ask('api', 'pay', {}, withKey);
    expect(refused).to.deep.nested.include({ 'error.code': 'unavailable', 'error.retry_after_ms': 500 });
    expect(logged).to.have.nested.property('[0].err.message', 'Nobody knows');
    expectNobodyKnows(await client.ask('api', 'pay', {}));
  });

  it('answers no retry_after_ms for an unknown commit when results are stored outside of the database', async () => {
    const { api, stage } = await open({ idempotency: 'process', transactions: unknownEnds });
    api.on('pay', { input: anything, transactional: true }, () => 1);
    const client = await stage.member('s1');
    expectNobodyKnows(await client.ask('api', 'pay', {}, withKey));
  });

  it('answers unavailable when the transaction did not begin, and the code of the failure when its work failed', async () => {
    let begins = false;
    const transactions = {
      run: async <T>(work: (transaction: TestTransaction) => Promise<T>): Promise<T> => {
        if (begins) return work({ write: () => {} });
        throw new Error('connect ECONNREFUSED');
      },
    };
    const { api, stage, logged } = await open({ idempotency: runsAll, transactions });
    api.on('pay', { input: anything, transactional: true }, () => Promise.reject(new Error('boom')));
    const client = await stage.member('s1');
    for (const options of [withKey, {}]) {
      expect(await client.ask('api', 'pay', {}, options)).to.have.nested.property('error.code', 'unavailable');
    }
    expect(logged).to.have.nested.property('[0].err.message', 'connect ECONNREFUSED');
    expect(logged, 'the second is counted').to.have.length(1);
    begins = true;
    expect(await client.ask('api', 'pay', {}, withKey)).to.have.nested.property('error.code', 'internal_error');
  });

  it('accepts printable keys of at most 128 characters', async () => {
    const { api, stage } = await open({ idempotency: 'process' });
    api.on('pay', () => 1);
    const client = await stage.member('s1');
    for (const key of ['', 'a\u0000', 'ä', 'a\n', 'k'.repeat(129), null]) {
      const refused = await client.ask('api', 'pay', {}, { idempotency_key: key });
      expect(refused, String(key)).to.have.nested.property('error.code', 'invalid_request');
    }
    for (const key of [' ', '~', 'k'.repeat(128)]) {
      expect(await client.ask('api', 'pay', {}, { idempotency_key: key })).to.deep.equal({ ok: true, data: 1 });
    }
  });

  it('passes missing params to the handler as undefined, with and without a key', async () => {
    const seen: unknown[] = [];
    const { api, stage } = await open({ idempotency: 'process' });
    api.on('look', (params) => void seen.push(params));
    const client = await stage.member('s1');
    await client.ask('api', 'look', undefined, withKey);
    await client.ask('api', 'look', null, { idempotency_key: 'other' });
    await client.ask('api', 'look', undefined);
    await client.ask('api', 'look');
    expect(seen).to.deep.equal([undefined, undefined, undefined, undefined]);
  });
});
