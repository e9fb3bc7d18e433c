import { isLate } from '../../db/deadline.ts';

/**
 * The verdict table of keyed rotation as a pure function, equivalent to the SQL in `rotation-store.ts`. A test compares
 * both with random histories. The order of the rules matters. Every input is in the one row.
 */

/** Windows in milliseconds, limits in rotations. The database's clock alone counts. */
const rotationRules = Object.freeze({
  historyMs: 60_000,
  contendedMs: 10_000,
  rotationsPerWindow: 60,
});

/** What a session's row says of a presentation. */
export const rowVerdicts = [
  'late',
  'revoked',
  'expired',
  'proof',
  'unknown_generation',
  'key_reused',
  'rate_limited',
  'rotate',
  'replay',
  'superseded',
  'contended',
  'reuse',
] as const;

export type RowVerdict = (typeof rowVerdicts)[number];

/** One replacement of the last minute: generation `gen` was replaced with the key of tag `key` at `at`. */
interface RotationHistoryEntry {
  readonly gen: number;
  readonly key: string;
  readonly at: number;
}

/** What a verdict needs of a session's row. Tags as text, times in epoch milliseconds. */
export interface RotationRow {
  readonly gen: number;
  readonly tag: string;
  readonly confirmed: boolean;
  readonly touchedAt: number;
  readonly history: readonly RotationHistoryEntry[];
  readonly endsAt: number;
  readonly revoked: boolean;
  readonly jkt: string | null;
}

/** A token (or the code, generation 0, with no tag) as it was shown, with the tags of the keys that came with it. */
export interface RotationRequest {
  readonly gen: number;
  readonly tag: string | null;
  /** The new key's tag first; at most four. */
  readonly keys: readonly string[];
  /** Thumbprint of a proof that was checked. */
  readonly jkt: string | null;
  readonly kind: 'keyed' | 'plain' | 'code';
  /** From here on the presentation is no verdict and changes nothing, in epoch ms of the database's clock. */
  readonly until: number;
}

/** Decides what a presentation means; changes nothing. */
export function decideRotation(row: RotationRow, request: RotationRequest, now: number): RowVerdict {
  if (isLate(now, request.until)) return 'late';
  if (row.revoked) return 'revoked';
  if (now >= row.endsAt) return 'expired';
  if (row.jkt !== null && row.jkt !== request.jkt) return 'proof';
  if (request.gen > row.gen) return 'unknown_generation';
  if (request.gen === row.gen) return request.tag === row.tag ? decideNewest(row, request, now) : 'unknown_generation';
  return decideReplaced(row, request, now);
}

/** The newest token: rotate, unless its key was seen or the history of the last minute is full. */
function decideNewest(row: RotationRow, request: RotationRequest, now: number): RowVerdict {
  const key = request.keys[0]!;
  if (key === row.tag || row.history.some((entry) => entry.key === key)) return 'key_reused';
  const recent = row.history.filter((entry) => entry.at > now - rotationRules.historyMs).length;
  return recent >= rotationRules.rotationsPerWindow ? 'rate_limited' : 'rotate';
}

/** A replaced token: an honest repetition shows the key that replaced it; a thief cannot. */
function decideReplaced(row: RotationRow, request: RotationRequest, now: number): RowVerdict {
  const knowsNewest = request.gen === row.gen - 1 && request.keys.includes(row.tag);
  if (knowsNewest && !row.confirmed) return 'replay';
  if (knowsNewest && row.touchedAt > now - rotationRules.historyMs) return 'superseded';
  const replacements = row.history.filter((entry) => entry.gen === request.gen);
  if (replacements.some((entry) => request.keys.includes(entry.key) && entry.at > now - rotationRules.historyMs))
    return 'superseded';
  if (request.kind === 'keyed' && replacements.some((entry) => entry.at > now - rotationRules.contendedMs))
    return 'contended';
  return 'reuse';
}

/** The row after a verdict. */
export function applyVerdict(
  row: RotationRow,
  request: RotationRequest,
  now: number,
  verdict: RowVerdict,
): RotationRow {
  if (verdict === 'rotate') return rotate(row, request.keys[0]!, now);
  if (verdict === 'replay') return { ...row, touchedAt: now, history: restartGrace(row.history, now) };
  if (verdict === 'reuse' || verdict === 'unknown_generation') return { ...row, revoked: true, touchedAt: now };
  return row;
}

/**
 * A repetition restarts the grace period of the newest rotation (docs/why/decisions/0004-rotation-retry-restarts-grace.md).
 * Otherwise, of two tabs that wake together long after a lost answer, the second would count as theft as soon as the
 * first has rotated the repeated token.
 */
function restartGrace(history: readonly RotationHistoryEntry[], now: number): RotationHistoryEntry[] {
  return history.map((entry, index) => (index === history.length - 1 ? { ...entry, at: now } : entry));
}

function rotate(row: RotationRow, key: string, now: number): RotationRow {
  const recent = row.history.filter((entry) => entry.at > now - rotationRules.historyMs);
  return {
    ...row,
    gen: row.gen + 1,
    tag: key,
    confirmed: false,
    touchedAt: now,
    history: [...recent, { gen: row.gen, key, at: now }],
  };
}
