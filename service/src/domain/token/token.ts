import type { ErrorCode } from '@latchkey/contract';
import type { LiveSession } from '../session/session.ts';
import { type RotationRequest, rowVerdicts } from './rotation.ts';

/** A token (or a code: generation 0, no tag) as it was shown. Every retry keeps `until`. */
export interface TokenPresentation extends Omit<RotationRequest, 'tag' | 'keys'> {
  readonly sid: string;
  readonly tag: Buffer | null;
  /** Tags of the rotation keys that came with it, the new one first; one to four. */
  readonly keys: readonly Buffer[];
  /** The database epoch in which the request arrived; in another one it is `moved`, thus void. */
  readonly epoch: string;
}

/** `moved`: the database epoch is not served yet, or another one than that of the request; nothing was judged. */
export const rotationVerdicts = [...rowVerdicts, 'unknown_session', 'busy', 'moved'] as const;

export type RotationVerdict = (typeof rotationVerdicts)[number];

/** What became of a presentation. */
export type RotationResult = GrantedRotation | RefusedRotation;

interface GrantedRotation {
  readonly verdict: 'rotate' | 'replay';
  readonly session: LiveSession;
}

export interface RefusedRotation {
  readonly verdict: Exclude<RotationVerdict, 'rotate' | 'replay'>;
  readonly userId: string | null;
  readonly tenantId: string | null;
  /** The session is bound to a browser's key. */
  readonly bound: boolean;
  /** Generation of the row. */
  readonly generation: number | null;
}

export function isGranted(rotation: RotationResult): rotation is GrantedRotation {
  return rotation.verdict === 'rotate' || rotation.verdict === 'replay';
}

const codes: Readonly<Record<RefusedRotation['verdict'], ErrorCode>> = {
  busy: 'busy',
  late: 'busy',
  moved: 'unavailable',
  unknown_session: 'session_revoked',
  revoked: 'session_revoked',
  expired: 'session_expired',
  proof: 'proof_invalid',
  unknown_generation: 'generation_unknown',
  key_reused: 'invalid_request',
  rate_limited: 'rate_limited',
  superseded: 'rotation_superseded',
  contended: 'rotation_contended',
  reuse: 'token_reused',
};

/** Errors of a code (generation 0), where they differ from those of a token. */
const codesOfCode: Partial<Record<RefusedRotation['verdict'], ErrorCode>> = {
  unknown_session: 'code_invalid',
  revoked: 'code_used',
  expired: 'code_used',
  reuse: 'code_used',
};

/** The error of the table that a refusal becomes. */
export function refusalCode(verdict: RefusedRotation['verdict'], kind: TokenPresentation['kind']): ErrorCode {
  return (kind === 'code' ? codesOfCode[verdict] : undefined) ?? codes[verdict];
}
