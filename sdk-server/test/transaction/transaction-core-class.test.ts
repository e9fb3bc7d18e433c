import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect } from 'chai';
import { spy } from 'sinon';
import {
  TransactionCoreClass,
  TransactionError,
  type TransactionOptions,
  type TransactionSteps,
} from '../../src/transaction/index.ts';
import { rejection } from './on-postgres.ts';

type Fault = keyof TransactionSteps<never>;

describe('TransactionCoreClass', () => {
  let steps: string[];
  let failing: Set<Fault>;
  let refused: boolean;
  const log = { warn: spy(), error: spy() };

  const step = (name: Fault, withDepth = false) =>
    async function (this: Recorded, given: Recorded) {
      expect(given).to.equal(this);
      await nextTurn();
      steps.push(withDepth ? `${name} ${given.depth}` : name);
      if (failing.has(name)) throw new Error(name);
    };

  class Recorded extends TransactionCoreClass {
    constructor(parent?: Recorded, options: TransactionOptions = {}, chosen: Partial<TransactionSteps<Recorded>> = {}) {
      const all = {
        processBegin: step('processBegin'),
        processCommit: step('processCommit'),
        processRollback: step('processRollback'),
        processInnerBegin: step('processInnerBegin', true),
        processInnerCommit: step('processInnerCommit', true),
        processInnerRollback: step('processInnerRollback', true),
        isRefusal: () => refused,
      };
      super(parent, { ...all, ...chosen }, { log, ...options });
    }

    say(text: string) {
      return this.use(async () => {
        steps.push(text);
      });
    }
  }

  /** The six steps as the original's README has them, without recovery points. */
  class WithoutPoints extends TransactionCoreClass {
    constructor(parent?: TransactionCoreClass) {
      const nothing = async () => undefined;
      const rollback = async () => void steps.push('rollback');
      super(parent, { processBegin: nothing, processCommit: nothing, processRollback: rollback }, { log });
    }
  }

  beforeEach(() => {
    steps = [];
    failing = new Set();
    refused = false;
    log.warn.resetHistory();
    log.error.resetHistory();
  });

  const boom = () => Promise.reject(new Error('boom'));

  it('calls its steps in order', async () => {
    await new Recorded().execute(async (outer) => {
      await new Recorded(outer).execute((inner) => new Recorded(inner).execute((deepest) => deepest.say('work')));
      await rejection(new Recorded(outer).execute(boom));
    });
    expect(steps).to.deep.equal([
      'processBegin',
      'processInnerBegin 1',
      'processInnerBegin 2',
      'work',
      'processInnerCommit 2',
      'processInnerCommit 1',
      'processInnerBegin 1',
      'processInnerRollback 1',
      'processCommit',
    ]);
  });

  it('rejects a second execution, and one inside a parent that is not running', async () => {
    const transaction = new Recorded();
    expect(await rejection(new Recorded(transaction).execute(() => 1))).to.have.property('code', 'not_running');
    await transaction.execute(() => 1);
    expect(await rejection(transaction.execute(() => 1))).to.have.property('code', 'ended');
    expect(await rejection(new Recorded(transaction).execute(() => 1))).to.have.property('code', 'ended');
    expect(await rejection(transaction.say('late'))).to.have.property('code', 'ended');
    expect(() => transaction.onCommit(() => undefined)).to.throw(TransactionError, 'has ended');
  });

  it('rolls back after rollback(), even if its error is caught', async () => {
    const error = await rejection(
      new Recorded().execute(async (transaction) => {
        expect(() => transaction.rollback('why')).to.throw(TransactionError);
        await rejection(transaction.say('no more'));
        return 'fine';
      }),
    );
    expect(error).to.include({ code: 'rolled_back', cause: 'why' });
    expect(steps).to.deep.equal(['processBegin', 'processRollback']);
  });

  it('rolls back work that throws at once', async () => {
    await rejection(
      new Recorded().execute(() => {
        throw new Error('boom');
      }),
    );
    expect(steps).to.deep.equal(['processBegin', 'processRollback']);
  });

  it('calls listeners of inner transactions at the end of the outermost one', async () => {
    const ends: string[] = [];
    const named = (name: string) => ({
      onCommit: () => ends.push(`${name} committed`),
      onRollback: () => ends.push(`${name} rolled back`),
    });
    const nest = (last: () => unknown) =>
      new Recorded(undefined, named('outer')).execute(async (outer) => {
        await new Recorded(outer, named('kept')).execute((kept) => kept.onCommit(() => ends.push('asked for inside')));
        await rejection(new Recorded(outer, named('lost')).execute(boom));
        ends.push('work done');
        return last();
      });
    await nest(() => 1);
    expect(ends).to.deep.equal([
      'lost rolled back',
      'work done',
      'outer committed',
      'kept committed',
      'asked for inside',
    ]);
    ends.length = 0;
    await rejection(nest(boom));
    expect(ends).to.deep.equal(['lost rolled back', 'work done', 'outer rolled back', 'kept rolled back']);
  });

  it('keeps its outcome when a listener fails, and logs the error', async () => {
    const after = spy();
    const result = await new Recorded(undefined, { onCommit: boom }).execute((transaction) => {
      transaction.onCommit(after);
      return 'fine';
    });
    expect([result, after.callCount, log.error.callCount]).to.deep.equal(['fine', 1, 1]);
  });

  it('throws for changes without a place to send them', async () => {
    const error = await rejection(new Recorded().execute((it) => it.notifyUpdate('t', 'THING', 1)));
    expect(error).to.be.instanceOf(TypeError);
  });

  for (const caught of [false, true]) {
    it(`calls onRollback alone when it cannot begin (${caught ? 'inner' : 'outermost'})`, async () => {
      failing.add(caught ? 'processInnerBegin' : 'processBegin');
      const rolledBack = spy();
      const listeners = { onRollback: rolledBack };
      if (caught) await new Recorded().execute((outer) => rejection(new Recorded(outer, listeners).execute(() => 1)));
      else await rejection(new Recorded(undefined, listeners).execute(() => 1));
      expect(rolledBack.callCount).to.equal(1);
      expect(steps).not.to.include('processRollback');
    });
  }

  it('rejects with what the work rejected with when the rollback fails too', async () => {
    failing.add('processRollback');
    expect(await rejection(new Recorded().execute(boom))).to.have.property('message', 'boom');
    expect(log.error.callCount).to.equal(1);
  });

  it('reports a failed rollback by a process warning when there is no log', async () => {
    const warning = once(process, 'warning');
    failing.add('processRollback');
    await rejection(new Recorded(undefined, { log: undefined }).execute(boom));
    expect((await warning)[0]).to.have.property('message', 'processRollback');
  });

  it('reports an unknown outcome after a failed commit, and a rollback after a refused one', async () => {
    failing.add('processCommit');
    const ended = spy();
    const listeners = { onCommit: ended, onRollback: ended };
    expect(await rejection(new Recorded(undefined, listeners).execute(() => 1))).to.have.property(
      'code',
      'commit_unknown',
    );
    expect([ended.callCount, steps.at(-1)]).to.deep.equal([0, 'processRollback']);
    refused = true;
    expect(await rejection(new Recorded(undefined, listeners).execute(() => 1))).to.have.property(
      'message',
      'processCommit',
    );
    expect(ended.callCount).to.equal(1);
  });

  it('rolls back an inner transaction that cannot be committed', async () => {
    failing.add('processInnerCommit');
    await new Recorded().execute((outer) => rejection(new Recorded(outer).execute(() => 1)));
    expect(steps.slice(-2)).to.deep.equal(['processInnerRollback 1', 'processCommit']);
  });

  it('rolls back the whole when an inner transaction could not be rolled back', async () => {
    failing.add('processInnerRollback');
    const error = await rejection(new Recorded().execute((outer) => rejection(new Recorded(outer).execute(boom))));
    expect(error).to.have.property('code', 'rolled_back');
    expect(steps.at(-1)).to.equal('processRollback');
  });

  it('rolls back the whole when there are no savepoints', async () => {
    const error = await rejection(
      new WithoutPoints().execute((outer) => rejection(new WithoutPoints(outer).execute(boom))),
    );
    expect(error).to.have.property('code', 'rolled_back');
    expect(steps).to.deep.equal(['rollback']);
  });

  it('delays statements of the parent until its inner transactions end', async () => {
    await new Recorded().execute((outer) =>
      Promise.all([
        outer.say('first'),
        new Recorded(outer).execute((inner) => inner.say('inner')),
        outer.say('after the inner one'),
      ]),
    );
    expect(steps).to.deep.equal([
      'processBegin',
      'first',
      'processInnerBegin 1',
      'inner',
      'processInnerCommit 1',
      'after the inner one',
      'processCommit',
    ]);
  });

  it('rejects statements of the outer transaction inside an inner one, because they would wait for themselves', async () => {
    await new Recorded().execute(async (outer) => {
      const errors = await new Recorded(outer).execute((inner) =>
        new Recorded(inner).execute(() =>
          Promise.all([
            rejection(outer.say('no')),
            rejection(inner.say('no')),
            rejection(new Recorded(outer).execute(() => 1)),
          ]),
        ),
      );
      expect(errors.map((error) => (error as TransactionError).code)).to.deep.equal(['busy', 'busy', 'busy']);
      await outer.say('yes');
    });
    expect(steps.slice(-2)).to.deep.equal(['yes', 'processCommit']);
  });

  it('reports the failure of an inner transaction that was not awaited', async () => {
    const unheard = spy();
    const before = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection').on('unhandledRejection', unheard);
    await new Recorded().execute(async (outer) => {
      void new Recorded(outer).execute(boom);
      for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    });
    process.off('unhandledRejection', unheard);
    for (const listener of before) process.on('unhandledRejection', listener);
    expect(unheard.callCount).to.equal(1);
  });

  it('commits no inner transaction once the outer one has ended', async () => {
    const [gate, open] = gated();
    const listeners = { onCommit: spy(), onRollback: spy() };
    let part: Promise<unknown> | undefined;
    await rejection(
      new Recorded().execute(async (outer) => {
        part = rejection(new Recorded(outer, listeners).execute(() => gate));
        await nextTurn();
        throw new Error('boom');
      }),
    );
    open();
    expect(await part).to.have.property('code', 'ended');
    expect([listeners.onCommit.callCount, listeners.onRollback.callCount]).to.deep.equal([0, 1]);
    expect(steps).to.deep.equal(['processBegin', 'processInnerBegin 1', 'processRollback']);
  });

  it('commits no inner transaction whose outer one ends during its last step', async () => {
    const [gate, open] = gated();
    const listeners = { onCommit: spy(), onRollback: spy() };
    let part: Promise<unknown> | undefined;
    await rejection(
      new Recorded().execute(async (outer) => {
        const inner = new Recorded(outer, listeners, { processInnerCommit: () => gate });
        part = rejection(inner.execute(() => 1));
        for (let turn = 0; turn < 3; turn += 1) await nextTurn();
        throw new Error('boom');
      }),
    );
    open();
    expect(await part).to.have.property('code', 'ended');
    expect([listeners.onCommit.callCount, listeners.onRollback.callCount]).to.deep.equal([0, 1]);
  });

  it('stops inner transactions that were not awaited, and warns once', async () => {
    const lost = spy();
    const unheard = spy();
    process.on('unhandledRejection', unheard);
    const error = await rejection(
      new Recorded().execute(async (outer) => {
        void new Recorded(outer, { onRollback: lost }).execute((inner) => nextTurn().then(() => inner.say('late')));
        void new Recorded(outer, { onRollback: lost }).execute(() => 1);
      }),
    );
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    process.off('unhandledRejection', unheard);
    expect(error).to.have.property('code', 'not_awaited');
    expect([lost.callCount, unheard.callCount]).to.deep.equal([2, 0]);
    expect(steps).not.to.include('late');
    expect(steps).to.deep.equal(['processBegin', 'processInnerBegin 1', 'processRollback']);
  });
});

function gated(): [Promise<void>, () => void] {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return [gate, open];
}
