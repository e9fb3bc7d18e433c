import { expect } from 'chai';
import { createHealth, maxFeedAgeMs } from '../../src/ops/health.ts';
import { onEachDatabase } from '../databases.ts';

onEachDatabase('createHealth', (database) => {
  let ageMs = 0;
  let canSign = true;
  let isRecovering = false;
  const right = { ageMs: 500, widthMs: 3, aheadMs: 2 };
  let clock = { ...right };
  let assertWritable = () => database().assertWritable();
  const made = () => {
    const health = createHealth({
      database: { assertWritable: () => assertWritable() },
      feed: { ageMs: () => ageMs },
      keys: { canSign: () => canSign },
      failover: { isRecovering: () => isRecovering },
      databaseClock: { isKnown: true, ageMs: () => clock.ageMs, widthMs: () => clock.widthMs },
      clockGuard: { machineAheadMs: () => clock.aheadMs },
    });
    health.setReady(true);
    return health;
  };

  beforeEach(() => {
    ageMs = 0;
    canSign = true;
    isRecovering = false;
    clock = { ...right };
    assertWritable = () => database().assertWritable();
  });

  it('is ready when every check succeeds', async () => {
    const checks = {
      serving: true,
      database: true,
      feed: true,
      keys: true,
      failover: true,
      clock_unknown: true,
      clock_off: true,
    };
    expect(await made().ready()).to.deep.equal({ ready: true, isRecovering: false, checks });
  });

  const failures: [string, (health: ReturnType<typeof made>) => void][] = [
    ['serving', (health) => health.setReady(false)],
    ['database', () => (assertWritable = () => Promise.reject(new Error('read-only')))],
    ['feed', () => (ageMs = maxFeedAgeMs)],
    ['keys', () => (canSign = false)],
    ['failover', () => (isRecovering = true)],
    ['clock_unknown', () => (clock.ageMs = 30_000)],
    ['clock_unknown', () => (clock.widthMs = 2_000)],
    ['clock_off', () => (clock.aheadMs = 900_001)],
    ['clock_off', () => (clock.aheadMs = -900_001)],
  ];
  for (const [name, fail] of failures) {
    it(`is not ready when one check fails: ${name}`, async () => {
      const health = made();
      fail(health);
      const { ready, checks } = await health.ready();
      expect(ready).to.equal(false);
      const failing = Object.entries(checks).filter(([, holds]) => !holds);
      expect(failing).to.deep.equal([[name, false]]);
    });
  }
});
