import {
  applyVerdict,
  decideRotation,
  type Presented,
  type RotationRow,
  type Verdict,
} from '../../service/src/domain/token/rotation.ts';

export type { Presented, RotationRow, Verdict };

/** The rules under exploration: a verdict, and the row after it. The service's own unless a test breaks them. */
export interface Rules {
  decide(row: RotationRow, shown: Presented, now: number): Verdict;
  apply(row: RotationRow, shown: Presented, now: number, verdict: Verdict): RotationRow;
}

export const serviceRules: Rules = { decide: decideRotation, apply: applyVerdict };

/**
 * A replay also moves the time of the newest history entry. Without it, a repetition more than 60 s after the rotation,
 * answered, and followed at once by the next rotation, makes a late copy of that repetition look like reuse: the entry
 * that would call it superseded is too old, and `touched_at` speaks only of the newest generation.
 */
export const refreshedRules: Rules = {
  decide: serviceRules.decide,
  apply(row, shown, now, verdict) {
    const after = serviceRules.apply(row, shown, now, verdict);
    if (verdict !== 'replay') return after;
    return { ...after, history: [...row.history.slice(0, -1), { gen: row.gen - 1, key: row.tag, at: now }] };
  },
};
