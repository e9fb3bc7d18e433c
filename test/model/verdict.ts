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
