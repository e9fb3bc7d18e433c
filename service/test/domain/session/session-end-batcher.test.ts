import { setImmediate as soon } from 'node:timers/promises';
import type { Failure } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { createEndBatcher, type EndRequest } from '../../../src/domain/session/session-end-batcher.ts';
import { inTime } from '../../deadlines.ts';

interface Statement {
  readonly sids: string[];
  /** Ends those it names, all by default. */
  commit(ended?: string[], late?: string[]): void;
  fail(error: unknown): void;
}

/** A batch over statements that end when the test says so. */
function bench() {
  const statements: Statement[] = [];
  const run = (requests: readonly EndRequest[]) =>
    new Promise<{ ended: readonly string[]; late: readonly string[] }>((resolve, reject) => {
      const sids = requests.map(({ sid }) => sid);
      statements.push({ sids, commit: (ended = sids, late = []) => resolve({ ended, late }), fail: reject });
    });
  const submit = createEndBatcher(createSystemClock(), run);
  return {
    statements,
    sids: () => statements.map(({ sids }) => sids),
    end: (sid: string, userId = 'ann') => submit({ sid, userId, reason: 'logout', deadline: inTime() }),
  };
}

/** The next batch has left. */
async function leave(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await soon();
}

const toldOf = (given: Promise<string[]>) => given.then(String, ({ code }: Failure) => code);

describe('createEndBatcher', () => {
  it('sends a single request at once, and requests during its statement together', async () => {
    const { statements, sids, end } = bench();
    const first = end('a');
    await leave();
    const later = [end('b'), end('c'), end('d')];
    await leave();
    expect(sids()).to.deep.equal([['a']]);
    statements[0]!.commit();
    expect(await first).to.deep.equal(['a']);
    await leave();
    expect(sids()).to.deep.equal([['a'], ['b', 'c', 'd']]);
    statements[1]!.commit(['b', 'd']);
    expect(await Promise.all(later)).to.deep.equal([['b'], [], ['d']]);
    void end('e');
    await leave();
    expect(sids()[2]).to.deep.equal(['e']);
  });

  it('has at most one request of a session in a batch, so that its end is reported to one caller', async () => {
    const { statements, sids, end } = bench();
    void end('a');
    await leave();
    const [owner, stranger, upper] = [end('b', 'ann'), end('b', 'bob'), end('B', 'ann')];
    statements[0]!.commit();
    for (let turn = 1; turn < 4; turn++) {
      await leave();
      expect(sids()[turn]).to.deep.equal(['b']);
      statements[turn]!.commit(turn === 1 ? ['b'] : []);
    }
    expect(await Promise.all([owner, stranger, upper])).to.deep.equal([['b'], [], []]);
  });

  it('rejects requests past their deadline with unavailable, and answers the others', async () => {
    const { statements, end } = bench();
    void end('a');
    await leave();
    const later = ['b', 'c', 'd'].map((sid) =>
      end(sid).catch(({ code, retryAfterMs }: Failure) => [code, retryAfterMs]),
    );
    statements[0]!.commit();
    await leave();
    statements[1]!.commit(['d'], ['b']);
    const [late, over, ended] = await Promise.all(later);
    expect(late![0]).to.equal('unavailable');
    expect(late![1]).to.be.within(0, 300);
    expect([over, ended]).to.deep.equal([[], ['d']]);
  });

  it('sends at most 256 requests in a batch', async () => {
    const { statements, sids, end } = bench();
    void end('first');
    await leave();
    for (let index = 0; index < 300; index++) void end(`s${index}`);
    for (let turn = 0; turn < 2; turn++) {
      statements[turn]!.commit();
      await leave();
    }
    expect(sids().map(({ length }) => length)).to.deep.equal([1, 256, 44]);
  });

  it('rejects all callers when the database is unavailable, and continues', async () => {
    const { statements, end } = bench();
    void end('a');
    await leave();
    const two = [end('b'), end('c')].map(toldOf);
    statements[0]!.commit();
    await leave();
    statements[1]!.fail(Object.assign(new Error('gone'), { code: 'ECONNREFUSED' }));
    expect(await Promise.all(two)).to.deep.equal(['unavailable', 'unavailable']);
    const next = end('d');
    await leave();
    statements[2]!.commit();
    expect(await next).to.deep.equal(['d']);
  });

  it('rejects a request that cannot be sent, and no other', async () => {
    const { statements, sids, end } = bench();
    void end('a');
    await leave();
    const three = [end('b'), end('bad'), end('c')].map(toldOf);
    statements[0]!.commit();
    await leave();
    statements[1]!.fail(new Error('invalid input syntax'));
    for (let turn = 2; turn < 5; turn++) {
      await leave();
      if (sids()[turn]![0] === 'bad') statements[turn]!.fail(new Error('invalid input syntax'));
      else statements[turn]!.commit();
    }
    expect(await Promise.all(three)).to.deep.equal(['b', 'internal_error', 'c']);
  });

  it('rejects requests above the length of its queue', async () => {
    const { end } = bench();
    for (let index = 0; index < 20_000; index++) void end(`s${index}`);
    expect(await end('late').catch((error: { code: string }) => error.code)).to.equal('overloaded');
  });
});
