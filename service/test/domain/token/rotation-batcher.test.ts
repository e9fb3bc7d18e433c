import { setImmediate as soon } from 'node:timers/promises';
import type { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { createRotationBatcher } from '../../../src/domain/token/rotation-batcher.ts';
import type { RotationResult, TokenPresentation } from '../../../src/domain/token/token.ts';

const present = () => false;
const shownOf = (sid: string, until: number): TokenPresentation => ({
  sid,
  gen: 1,
  tag: Buffer.alloc(16),
  keys: [Buffer.alloc(16, 1)],
  jkt: null,
  kind: 'keyed',
  until,
  epoch: '1.00000001',
});

/** Answers tell whose they are. */
const answerTo = ({ sid }: TokenPresentation) => ({ verdict: 'contended', userId: sid }) as unknown as RotationResult;
const owner = (rotation: RotationResult) => (rotation as { userId: string | null }).userId;

interface Statement {
  readonly sids: string[];
  readonly untils: number[];
  commit(): void;
  fail(error: unknown): void;
}

/** A batch over statements that end when the test says so, and a clock that goes when the test says so. */
function bench({ size = 4, lanes: concurrency = 1 } = {}) {
  const statements: Statement[] = [];
  let now = 0;
  let timers: { at: number; task: () => void }[] = [];
  const clock = {
    now: () => now,
    monotonic: () => now,
    after(ms: number, task: () => void) {
      const timer = { at: now + ms, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };
  const run = (batch: readonly TokenPresentation[]) =>
    new Promise<RotationResult[]>((resolve, reject) => {
      const sids = batch.map(({ sid }) => sid);
      const untils = batch.map(({ until }) => until);
      statements.push({ sids, untils, commit: () => resolve(batch.map(answerTo)), fail: reject });
    });
  const submit = createRotationBatcher({ clock, earliest: () => now, run, size, concurrency });
  return {
    statements,
    sids: () => statements.map(({ sids }) => sids),
    show: (sid: string, isGone = present, until = Number.POSITIVE_INFINITY) => submit(shownOf(sid, until), isGone),
    async pass(ms: number) {
      await settle();
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { task } of due) task();
      await settle();
    },
  };
}

/** Everything that needs no time has happened. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await soon();
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: Failure) => error,
  );
const databaseError = (code: string) => Object.assign(new Error('the database says no'), { code });

describe('createRotationBatcher', () => {
  it('sends a single request at once, without a timer', async () => {
    const { show, statements, sids } = bench();
    const asked = show('a');
    await settle();
    expect(sids()).to.deep.equal([['a']]);
    statements[0]!.commit();
    expect(owner(await asked)).to.equal('a');
  });

  it('sends the next single request at once as well, even during the answer', async () => {
    const { show, statements, sids } = bench();
    const asked = show('a');
    await settle();
    statements[0]!.commit();
    await asked;
    void show('b');
    await settle();
    expect(sids()).to.deep.equal([['a'], ['b']]);
  });

  it('under load sends a batch 20 ms after the one before it, though that was answered', async () => {
    const { show, statements, sids, pass } = bench();
    const crowd = [show('a'), show('b')];
    await settle();
    statements[0]!.commit();
    await Promise.all(crowd);
    void show('c');
    await pass(12);
    void show('d');
    await pass(7);
    expect(sids()).to.deep.equal([['a', 'b']]);
    await pass(1);
    expect(sids()).to.deep.equal([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('collects requests for some milliseconds while a statement is in progress', async () => {
    const { show, statements, sids, pass } = bench({ lanes: 2 });
    const asked = [show('a')];
    await settle();
    asked.push(show('b'));
    await pass(2);
    asked.push(show('c'));
    expect(sids()).to.deep.equal([['a']]);
    await pass(18);
    expect(sids()).to.deep.equal([['a'], ['b', 'c']]);
    for (const statement of statements) statement.commit();
    expect((await Promise.all(asked)).map(owner)).to.deep.equal(['a', 'b', 'c']);
  });

  it('sends a full batch at once, and never more than its maximum', async () => {
    const { show, sids, statements } = bench({ size: 3, lanes: 2 });
    const asked = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((sid) => show(sid));
    await settle();
    expect(sids()).to.deep.equal([
      ['a', 'b', 'c'],
      ['d', 'e', 'f'],
    ]);
    for (const statement of statements) statement.commit();
    await settle();
    expect(asked).to.have.length(7);
  });

  it('has at most its number of statements in flight, and continues after an answer', async () => {
    const { show, sids, statements, pass } = bench({ size: 1, lanes: 2 });
    const asked = ['a', 'b', 'c'].map((sid) => show(sid));
    await pass(100);
    expect(sids()).to.deep.equal([['a'], ['b']]);
    statements[1]!.commit();
    await pass(100);
    expect(sids()).to.deep.equal([['a'], ['b'], ['c']]);
    statements[0]!.commit();
    statements[2]!.commit();
    expect((await Promise.all(asked)).map(owner)).to.deep.equal(['a', 'b', 'c']);
  });

  it('has one request of a session in flight, and sends the others in order', async () => {
    const { show, sids, statements, pass } = bench({ size: 4, lanes: 4 });
    const asked = ['a', 'a', 'b', 'a'].map((sid) => show(sid));
    await pass(100);
    expect(sids()).to.deep.equal([['a', 'b']]);
    for (let turn = 0; turn < 3; turn++) {
      statements[turn]!.commit();
      await pass(100);
    }
    expect(sids()).to.deep.equal([['a', 'b'], ['a'], ['a']]);
    expect((await Promise.all(asked)).map(owner)).to.deep.equal(['a', 'a', 'b', 'a']);
  });

  it('gives each caller its own answer, only after the commit', async () => {
    const { show, statements } = bench({ size: 8 });
    let answered = 0;
    const asked = ['d', 'a', 'c'].map((sid) => show(sid).then((rotation) => [answered++, owner(rotation)]));
    await settle();
    expect(answered).to.equal(0);
    statements[0]!.commit();
    expect((await Promise.all(asked)).map(([, sid]) => sid)).to.deep.equal(['d', 'a', 'c']);
  });

  describe('whose client has disconnected', () => {
    it('is dropped before the statement, with unavailable', async () => {
      const { show, sids, pass } = bench();
      const asked = [failureOf(show('a', () => true)), show('b')];
      await pass(100);
      expect(sids()).to.deep.equal([['b']]);
      expect(((await asked[0]) as Failure).code).to.equal('unavailable');
    });

    it('is followed by the next request of its session', async () => {
      const { show, sids, statements, pass } = bench();
      let gone = false;
      const first = show('a');
      const second = failureOf(show('a', () => gone));
      const third = show('a');
      await settle();
      gone = true;
      statements[0]!.commit();
      await pass(100);
      statements[1]!.commit();
      expect(sids()).to.deep.equal([['a'], ['a']]);
      expect((await second)!.code).to.equal('unavailable');
      expect([await first, await third].map(owner)).to.deep.equal(['a', 'a']);
    });

    it('in a whole batch causes no statement and delays no request', async () => {
      const { show, sids, pass } = bench({ size: 2 });
      const gone = [failureOf(show('a', () => true)), failureOf(show('b', () => true))];
      await pass(100);
      expect((await Promise.all(gone)).map((failure) => failure!.code)).to.deep.equal(['unavailable', 'unavailable']);
      void show('c');
      await pass(100);
      expect(sids()).to.deep.equal([['c']]);
    });
  });

  describe('past its deadline', () => {
    const verdictOf = ({ verdict }: RotationResult) => verdict;

    it('is late without a statement, and the others of its batch are sent', async () => {
      const { show, sids, statements, pass } = bench();
      void show('a');
      await settle();
      const asked = [show('b', present, 19), show('c', present, 21)];
      await pass(20);
      expect(sids()).to.deep.equal([['a']]);
      statements[0]!.commit();
      await pass(0);
      expect(sids()).to.deep.equal([['a'], ['c']]);
      expect(verdictOf(await asked[0]!)).to.equal('late');
      statements[1]!.commit();
      expect(owner(await asked[1]!)).to.equal('c');
    });

    it('during its wait is followed by the next request of its session', async () => {
      const { show, sids, statements, pass } = bench();
      const first = show('a');
      const second = show('a', present, 5_000);
      const third = show('a', present, 9_000);
      await settle();
      await pass(6_000);
      statements[0]!.commit();
      await pass(20);
      expect(verdictOf(await second)).to.equal('late');
      expect(sids()).to.deep.equal([['a'], ['a']]);
      statements[1]!.commit();
      expect([await first, await third].map(owner)).to.deep.equal(['a', 'a']);
    });

    it('is sent again with the retry after an error', async () => {
      const { show, statements } = bench();
      const asked = show('a', present, 4_321);
      await settle();
      statements[0]!.fail(databaseError('08006'));
      await settle();
      expect(statements.map(({ untils }) => untils)).to.deep.equal([[4_321], [4_321]]);
      statements[1]!.commit();
      expect(owner(await asked)).to.equal('a');
    });
  });

  describe('errors', () => {
    it('of one request are isolated, and the others get their answer', async () => {
      const { show, sids, statements, pass } = bench();
      const asked = ['a', 'b', 'c'].map((sid) => show(sid));
      const poisoned = failureOf(asked[1]!);
      await settle();
      statements[0]!.fail(databaseError('22P02'));
      await pass(100);
      expect(sids()).to.deep.equal([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
      for (const statement of statements.slice(1)) {
        if (statement.sids[0] === 'b') statement.fail(databaseError('22P02'));
        else statement.commit();
      }
      expect((await poisoned)!.code).to.equal('internal_error');
      expect([await asked[0]!, await asked[2]!].map(owner)).to.deep.equal(['a', 'c']);
    });

    for (const code of ['40P01', '08006', '57P01', '53300', 'ECONNRESET'])
      it(`of the infrastructure (${code}) are retried once, then rejected with unavailable`, async () => {
        const { show, sids, statements } = bench();
        const asked = ['a', 'b'].map((sid) => failureOf(show(sid)));
        await settle();
        statements[0]!.fail(databaseError(code));
        await settle();
        statements[1]!.fail(databaseError(code));
        const failures = await Promise.all(asked);
        expect(sids()).to.deep.equal([
          ['a', 'b'],
          ['a', 'b'],
        ]);
        for (const failure of failures) expect(failure).to.include({ code: 'unavailable', retryable: true });
      });

    it('that do not repeat reach no caller', async () => {
      const { show, statements } = bench();
      const asked = show('a');
      await settle();
      statements[0]!.fail(databaseError('08006'));
      await settle();
      statements[1]!.commit();
      expect(owner(await asked)).to.equal('a');
    });

    it('do not block later statements or requests of the session', async () => {
      const { show, statements, pass } = bench();
      const first = failureOf(show('a'));
      const second = show('a');
      await settle();
      statements[0]!.fail(databaseError('22P02'));
      await pass(100);
      statements[1]!.commit();
      expect((await first)!.code).to.equal('internal_error');
      expect(owner(await second)).to.equal('a');
    });
  });

  it('refuses requests of one session above its share of the queue', async () => {
    const { show, statements, pass } = bench();
    const asked = Array.from({ length: 300 }, () => failureOf(show('greedy')));
    const other = show('modest');
    await settle();
    statements[0]!.commit();
    expect(owner(await other)).to.equal('modest');
    const busy = (await Promise.all(asked.slice(101))).filter((failure) => failure?.code === 'busy');
    expect(busy).to.have.length(199);
    for (let turn = 1; turn <= 100; turn++) {
      await pass(100);
      statements[turn]!.commit();
    }
    expect(await Promise.all(asked.slice(0, 101))).to.deep.equal(Array(101).fill(undefined));
  });

  it('rejects at once when 20,000 requests wait, and accepts more when these are done', async () => {
    const { show, statements, pass } = bench({ size: 20_000 });
    const asked = Array.from({ length: 20_000 }, (_, n) => show(`s${n}`));
    expect(await failureOf(show('late'))).to.include({ code: 'overloaded', retryable: true });
    await settle();
    statements[0]!.commit();
    await Promise.all(asked);
    const late = show('late');
    await pass(100);
    statements[1]!.commit();
    expect(owner(await late)).to.equal('late');
  });
});
