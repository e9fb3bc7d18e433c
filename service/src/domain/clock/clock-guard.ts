import { type Clock, createListeners } from '@latchkey/core/internal';
import { backwardToleranceMs, type DatabaseClock } from '../../db/database-clock.ts';
import type { Db } from '../../db/schema.ts';
import { type ClockEvent, type ClockReading, maxHighWaterAgeMs, maxMachineOffsetMs } from './clock.ts';
import { raiseHighWater, resetHighWater } from './clock-store.ts';

interface ClockGuardDeps {
  readonly db: Db;
  readonly clock: Pick<Clock, 'now'>;
  readonly databaseClock: Pick<DatabaseClock, 'now'>;
  /** By which this process judges access tokens. */
  readonly time: { behindMs(): number; reset(): void };
  readonly keys: {
    /** Withdraws every signing key and makes new ones in one transaction, if `claim` says so in it. */
    replace(db: Db, claim: (tx: Db) => Promise<boolean>): Promise<{ kid: string; replaced: boolean }>;
  };
  readonly onEvent: (event: ClockEvent) => void;
  readonly onError: (error: unknown) => void;
}

export type ClockGuard = ReturnType<typeof createClockGuard>;

/** Watches the clock of the database, and that of this machine beside it. */
export function createClockGuard(deps: ClockGuardDeps) {
  const { db, clock, databaseClock, time, keys, onEvent, onError } = deps;
  let known: number | undefined;
  let isMachineOff = false;
  const listeners = createListeners<[]>();

  const machineAheadMs = () => clock.now() - databaseClock.now();

  function watchMachine(): void {
    const aheadMs = machineAheadMs();
    const isOff = Math.abs(aheadMs) > maxMachineOffsetMs;
    if (isOff === isMachineOff) return;
    isMachineOff = isOff;
    onEvent(isOff ? { kind: 'machine_off', aheadMs } : { kind: 'machine_right' });
  }

  /** Replaces the keys, unless another node has done so. Tokens that were signed before become invalid. */
  async function replaceKeys(resets: number, backMs: number): Promise<void> {
    const { kid, replaced } = await keys.replace(db, (tx) => resetHighWater(tx, resets));
    known = resets + 1;
    listeners.emit();
    time.reset();
    if (replaced) onEvent({ kind: 'set_back', backMs, kid });
  }

  async function watchDatabase({ timeMs, highWaterMs, resets }: ClockReading): Promise<void> {
    known ??= resets;
    // Another node has replaced the keys; the count that this one holds is outdated, so it only reads them.
    if (resets > known) return replaceKeys(known, 0);
    const backMs = Math.max(time.behindMs(), highWaterMs - timeMs);
    if (backMs > backwardToleranceMs) return replaceKeys(resets, backMs);
    if (timeMs - highWaterMs > maxHighWaterAgeMs) await raiseHighWater(db);
  }

  return Object.freeze({
    /** How far the wall clock of this machine is ahead of the database's, in ms; negative: behind. @throws unavailable */
    machineAheadMs,
    /**
     * Calls `listener` when the signing keys were replaced, before the time of this process goes back. Returns the
     * function that removes it.
     */
    onReplaced: listeners.add,
    /**
     * Takes a reading, before anything else of it is used. When the database's clock went back, expired access tokens
     * would be good again: this node, or the first of several, replaces the signing keys, and only then the time of
     * this process follows. Never rejects; what failed is tried again with the next reading.
     */
    async check(reading: ClockReading) {
      watchMachine();
      await watchDatabase(reading).catch(onError);
    },
  });
}
