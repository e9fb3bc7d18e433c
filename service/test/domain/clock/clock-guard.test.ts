import { expect } from 'chai';
import { sql } from 'kysely';
import { clockLog } from '../../../src/bootstrap/event-logs.ts';
import { createClockGuard } from '../../../src/domain/clock/clock-guard.ts';
import { readFeedPage } from '../../../src/domain/revocation/revocation-store.ts';
import { onEachDatabase } from '../../databases.ts';
import { notCalled } from '../../not-called.ts';

const now = 1_700_000_000_000;

onEachDatabase('createClockGuard', (database) => {
  let aheadMs: number;
  let lines: string[];

  function open() {
    [aheadMs, lines] = [0, []];
    const note = (_fields: unknown, line: string) => void lines.push(line);
    return createClockGuard({
      db: database().db,
      clock: { now: () => now + aheadMs },
      databaseClock: { now: () => now },
      time: { behindMs: () => 0, reset: notCalled },
      keys: { replace: () => Promise.reject(new Error('no connection')) },
      onEvent: clockLog({ info: note, warn: note } as never),
      onError: (error) => void lines.push(String(error)),
    });
  }
  const reading = { timeMs: now, highWaterMs: now, resets: 0 };

  it('reports once that the clock of this machine differs by more than 30 s, and once that it is right again', async () => {
    const guard = open();
    for (const ms of [0, 29_000, 45_000, 60_000, -29_000, -3_600_000, 10]) {
      aheadMs = ms;
      await guard.check(reading);
      expect(guard.machineAheadMs()).to.equal(ms);
    }
    expect(lines).to.deep.equal([
      "this machine's clock is 45 s ahead of the database's",
      "this machine's clock agrees with the database's again",
      "this machine's clock is 3600 s behind the database's",
      "this machine's clock agrees with the database's again",
    ]);
  });

  it('stores the time when the stored one is older than 20 s, and not before', async () => {
    const guard = open();
    const written = async (ageSeconds: number) => {
      await sql`UPDATE cluster SET clock_high = clock_timestamp() - make_interval(secs => ${ageSeconds}::float8)`.execute(
        database().db,
      );
      const { timeMs, clockHighMs: highWaterMs, clockResets: resets } = await readFeedPage(database().db, 0);
      await guard.check({ timeMs, highWaterMs, resets });
      const after = await readFeedPage(database().db, 0);
      return Math.round((after.timeMs - after.clockHighMs) / 10_000) * 10;
    };
    expect([await written(10), await written(3_600)]).to.deep.equal([10, 0]);
    expect(lines).to.deep.equal([]);
  });

  it('reports keys that cannot be replaced, and tries again at the next sample', async () => {
    const guard = open();
    for (let i = 0; i < 2; i++) await guard.check({ ...reading, highWaterMs: now + 31_000 });
    expect(lines).to.deep.equal(['Error: no connection', 'Error: no connection']);
    await guard.check({ ...reading, highWaterMs: now + 29_000 });
    expect(lines).to.have.length(2);
  });
});
