import { expect } from 'chai';
import fc from 'fast-check';
import { createSchedule, dueTask, nextTimerMs } from '../../src/refresh/schedule.ts';

describe('schedule', () => {
  const schedule = createSchedule({ refresh_in: 240, rotate_in: 900 }, 1_000);

  it('counts seconds from the time of the grant', () => {
    expect(schedule).to.deep.equal({ refreshAt: 241_000, rotateAt: 901_000 });
  });
  for (const unsaid of [undefined, Number.NaN, 0, -240] as number[]) {
    it(`schedules a request in a minute when the server says ${unsaid}`, () => {
      const plan = createSchedule({ refresh_in: unsaid, rotate_in: unsaid }, 1_000);
      expect(plan).to.deep.equal({ refreshAt: 61_000, rotateAt: 61_000 });
      expect(nextTimerMs(plan, 1_000, true)).to.equal(30_000);
    });
  }
  const table: [number, boolean, string | undefined][] = [
    [240_999, true, undefined],
    [241_000, true, 'refresh'],
    [900_999, false, 'refresh'],
    [901_000, true, 'rotate'],
    [901_000, false, 'refresh'],
    [960_999, false, 'refresh'],
    [961_000, false, 'rotate'],
  ];
  for (const [now, isLeader, due] of table) {
    it(`has ${due ?? 'nothing'} due at ${now} for ${isLeader ? 'the leader' : 'a follower'}`, () => {
      expect(dueTask(schedule, now, isLeader)).to.equal(due);
    });
  }
  it('waits at most 30 s, and not beyond the next due time', () => {
    fc.assert(
      fc.property(fc.nat(2_000_000), fc.boolean(), (now, isLeader) => {
        const nap = nextTimerMs(schedule, now, isLeader);
        expect(nap).to.be.within(0, 30_000);
        if (now < schedule.refreshAt) expect(now + nap).to.be.at.most(schedule.refreshAt);
      }),
    );
  });
  it('waits beyond a due rotation only when another tab is the leader, for at most a minute', () => {
    const overdue = { refreshAt: 241_000, rotateAt: 230_000 };
    for (const now of [230_000, 230_001]) {
      expect(nextTimerMs(overdue, now, true)).to.equal(0);
      expect(nextTimerMs(overdue, now, false)).to.equal(241_000 - now);
    }
    expect(nextTimerMs({ refreshAt: 999_000, rotateAt: 230_000 }, 280_000, false)).to.equal(10_000);
  });
});
