import {
  applyVerdict,
  decideRotation,
  type RotationRequest,
  type RotationRow,
  type RowVerdict,
} from '../../service/src/domain/token/rotation.ts';

export type { RotationRequest, RotationRow, RowVerdict };

/** The rules under exploration: a verdict, and the row after it. The service's own unless a test breaks them. */
export interface Rules {
  decide(row: RotationRow, shown: RotationRequest, now: number): RowVerdict;
  apply(row: RotationRow, shown: RotationRequest, now: number, verdict: RowVerdict): RotationRow;
}

export const serviceRules: Rules = { decide: decideRotation, apply: applyVerdict };
