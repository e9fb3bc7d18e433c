import { expect } from 'chai';
import { createTransactions, TransactionCoreClass, type TransactionOptions } from '../../src/transaction/index.ts';

class Plain extends TransactionCoreClass {
  constructor(parent: TransactionCoreClass | undefined, options: TransactionOptions) {
    const nothing = async () => undefined;
    super(parent, { processBegin: nothing, processCommit: nothing, processRollback: nothing }, options);
  }
}

describe('createTransactions', () => {
  const { defineTransaction, run } = createTransactions({ TransactionImplementationClass: Plain });

  it('makes transactions of the class that was set last', () => {
    class Other extends Plain {}
    const transactions = createTransactions<Plain>();
    expect(() => transactions.defineTransaction('NEW')).to.throw(TypeError, 'TransactionImplementationClass');
    transactions.TransactionImplementationClass = Other;
    expect(transactions.TransactionImplementationClass).to.equal(Other);
    expect(transactions.defineTransaction('NEW')).to.be.instanceOf(Other);
  });

  for (const requirement of ['USE', 'REUSE', 'REUSE_OR_NEW'] as const) {
    it(`makes an inner transaction by '${requirement}' when a parent is given`, () => {
      const parent = defineTransaction('NEW');
      expect(defineTransaction(requirement, parent)).to.include({ parent, depth: 1 });
    });
  }

  for (const requirement of ['USE', 'REUSE'] as const) {
    it(`refuses '${requirement}' without a parent`, () => {
      expect(() => defineTransaction(requirement)).to.throw(TypeError, 'needs the transaction around it');
      expect(() => defineTransaction(requirement, null)).to.throw(TypeError);
    });
  }

  it("makes an outermost one by 'REUSE_OR_NEW' without a parent, and always by 'NEW'", () => {
    expect(defineTransaction('REUSE_OR_NEW', null)).to.include({ parent: undefined, depth: 0 });
    expect(defineTransaction('NEW', defineTransaction('NEW'))).to.include({ parent: undefined, depth: 0 });
  });

  it('throws for any other requirement', () => {
    expect(() => defineTransaction('new' as 'NEW')).to.throw(TypeError, "not 'new'");
  });

  it('calls the listeners that it was given', async () => {
    const ends: string[] = [];
    const listeners = { onCommit: () => ends.push('commit'), onRollback: () => ends.push('rollback') };
    await defineTransaction('NEW', null, listeners).execute(() => undefined);
    await defineTransaction('NEW', listeners).execute(() => undefined);
    await defineTransaction('NEW', null, listeners)
      .execute(() => Promise.reject(new Error('boom')))
      .catch(() => undefined);
    expect(ends).to.deep.equal(['commit', 'commit', 'rollback']);
  });

  it('runs work in a transaction of its own', async () => {
    expect(await run(async (transaction) => [transaction instanceof Plain, transaction.depth])).to.deep.equal([
      true,
      0,
    ]);
  });
});
