import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import type { Clock } from '../../../src/base/clock.ts';
import { createRotationBatch } from '../../../src/domain/token/rotation-batch.ts';
import type { Presentation, Rotation } from '../../../src/domain/token/token.ts';

/** Time that a test moves, and a database that answers when the test says so. */
function stage(options: { size?: number; lanes?: number } = {}) {
  let now = 0;
  let timers: { at: number; task: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after(ms, task) {
      const timer = { at: now + ms, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  };
  const sent: { sids: string[]; finish: (error?: Error) => void }[] = [];
  const run = (batch: readonly Presentation[]) =>
    new Promise<Rotation[]>((resolve, reject) => {
      const answers = batch.map(({ sid }) => ({ verdict: 'busy', sid }) as unknown as Rotation);
      sent.push({ sids: batch.map(({ sid }) => sid), finish: (error) => (error ? reject(error) : resolve(answers)) });
    });
  const batch = createRotationBatch({ clock, run, size: options.size ?? 4, lanes: options.lanes ?? 2 });
  return {
    sent,
    show: (sid: string, isGone = () => false) => batch.present({ sid } as Presentation, isGone),
    async pass(ms: number) {
      now += ms;
      const due = timers.filter((timer) => timer.at <= now);
      timers = timers.filter((timer) => timer.at > now);
      for (const { task } of due) task();
      await turn();
      await turn();
    },
  };
}

describe('createRotationBatch', () => {
  it('sends a lone request at once, and the next lone one as well', async () => {
    const { sent, show, pass } = stage();
    const first = show('a');
    await pass(0);
    expect(sent.map(({ sids }) => sids)).to.deep.equal([['a']]);
    sent[0]!.finish();
    await first;
    void show('b');
    await pass(0);
    expect(sent[1]?.sids).to.deep.equal(['b']);
  });

  it('gathers a crowd: the next batch leaves 10 ms after the one before it, though that is long answered', async () => {
    const { sent, show, pass } = stage();
    const crowd = [show('a'), show('b')];
    await pass(0);
    sent[0]!.finish();
    await Promise.all(crowd);
    void show('c');
    await pass(6);
    void show('d');
    await pass(3);
    expect(sent).to.have.length(1);
    await pass(1);
    expect(sent.map(({ sids }) => sids)).to.deep.equal([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('waits in the same way while another statement is in flight', async () => {
    const { sent, show, pass } = stage();
    void show('a');
    await pass(0);
    void show('b');
    await pass(9);
    expect(sent).to.have.length(1);
    await pass(1);
    expect(sent[1]?.sids).to.deep.equal(['b']);
  });

  it('sends a full batch at once, as long as a lane is free', async () => {
    const { sent, show, pass } = stage({ size: 2, lanes: 2 });
    for (const sid of ['a', 'b', 'c', 'd', 'e', 'f']) void show(sid);
    await pass(0);
    expect(sent.map(({ sids }) => sids)).to.deep.equal([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    sent[0]!.finish();
    await pass(0);
    expect(sent[2]?.sids).to.deep.equal(['e', 'f']);
  });

  it('lets a second request of one session wait for its turn', async () => {
    const { sent, show, pass } = stage();
    void show('a');
    void show('a');
    void show('b');
    await pass(0);
    expect(sent.map(({ sids }) => sids)).to.deep.equal([['a', 'b']]);
    sent[0]!.finish();
    await pass(10);
    expect(sent[1]?.sids).to.deep.equal(['a']);
  });

  it('drops the request of a socket that has gone', async () => {
    const { sent, show, pass } = stage();
    const gone = show('a', () => true).catch((error: Error & { code: string }) => error.code);
    void show('b');
    await pass(0);
    expect(await gone).to.equal('unavailable');
    expect(sent.map(({ sids }) => sids)).to.deep.equal([['b']]);
  });

  it('retries a failed batch one by one, so that one bad request fails alone', async () => {
    const { sent, show, pass } = stage();
    const [bad, good] = [show('a').catch(() => 'failed'), show('b')];
    await pass(0);
    sent[0]!.finish(new Error('row of a is broken'));
    await pass(0);
    expect(sent.slice(1).map(({ sids }) => sids)).to.deep.equal([['a'], ['b']]);
    sent[1]!.finish(new Error('row of a is broken'));
    sent[2]!.finish();
    expect(await bad).to.equal('failed');
    expect(await good).to.include({ sid: 'b' });
  });
});
