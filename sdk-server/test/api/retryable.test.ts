import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { z } from 'zod';
import { TransactionError, withUnavailable } from '../../src/transaction/index.ts';
import { type ApiStage, createApiStage } from './api-stage.ts';

const withCode = (code: string) => Object.assign(new Error(`trouble ${code}`), { code });
const within = (code: 'rolled_back' | 'commit_unknown', cause: unknown) => new TransactionError(code, code, { cause });

const trouble = [
  ...['08006', '25006', '25P03', '40001', '40P01', '53300', '55P03', '57014', '57P01', 'XX000'].map(withCode),
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN'].map(withCode),
  ...[
    'Connection terminated unexpectedly',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
    'Cannot use a pool after calling end on the pool',
    'driver has already been destroyed',
    'PGlite is closed',
  ].map((text) => new Error(text)),
  Object.assign(withCode('55000'), { routine: 'pg_current_wal_lsn' }),
  Object.assign(new Error('recovery is in progress'), { code: '55000' }),
  within('rolled_back', withCode('57P01')),
  within('rolled_back', within('rolled_back', withCode('ECONNRESET'))),
];
const mistakes = [
  ...['23505', '22003', '42P01', '25P02', '55000', 'ENOENT'].map(withCode),
  new TypeError('x is not a function'),
  new TransactionError('not_awaited', 'a mistake'),
  within('rolled_back', 'not today'),
  fail('not_found', { message: 'Connection terminated' }),
  'a string',
];

describe('withUnavailable', () => {
  const caught = (error: unknown) =>
    withUnavailable(() => {
      throw error;
    }).catch((thrown: unknown) => thrown);

  for (const error of trouble)
    it(`rejects with unavailable for ${error.message}`, async () => {
      expect(await caught(error)).to.include({ code: 'unavailable', retryable: true, cause: error });
    });

  for (const error of mistakes)
    it(`rejects with ${String(error)} unchanged`, async () => expect(await caught(error)).to.equal(error));

  it('rejects with an unknown commit outcome when the connection was lost during the commit', async () => {
    const error = await caught(within('commit_unknown', withCode('ECONNRESET')));
    expect(error).to.include({ code: 'unavailable', retryAfterMs: undefined });
    expect(error).to.have.property('message').that.contains('Check the current state before');
  });

  it('resolves with the result of the work', async () => {
    expect(await withUnavailable(() => 1)).to.equal(1);
  });
});

describe('a database error in a call', () => {
  const lost = withCode('57P01');
  const nothing = z.strictObject({});
  let it_: ApiStage;
  beforeEach(async () => {
    it_ = await createApiStage();
  });
  afterEach(() => it_.end());

  it('is answered with unavailable, and with retry_after_ms when nothing was committed', async () => {
    const { api, stage, ledger, logged } = it_;
    const loses = (): never => {
      throw lost;
    };
    api.on('write', { input: nothing, transactional: true }, function () {
      this.getTransaction().write('lost');
      return loses();
    });
    api.on('read', { input: nothing }, loses);
    api.on('guarded', { input: nothing, require: loses }, () => 1);
    const client = await stage.member('s1');
    const ask = async (call: string) => ((await client.ask('api', call, {})) as { error: object }).error;
    const refusal = { code: 'unavailable', retryable: true };
    expect(await ask('write')).to.include({ ...refusal, retry_after_ms: 500 });
    for (const call of ['read', 'guarded']) {
      expect(await ask(call))
        .to.include(refusal)
        .and.not.have.property('retry_after_ms');
    }
    expect(ledger.written).to.deep.equal([]);
    // The others are counted, and are one line a minute later.
    expect(logged.map(({ cause, err }) => [cause, (err as Error).message])).to.deep.equal([
      ['calls_unavailable', 'trouble 57P01'],
    ]);
  });
});
