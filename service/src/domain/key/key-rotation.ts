import type { KeyState } from './key.ts';

/** State of a key for the decisions below. Times are epoch milliseconds of the database. */
export interface KeyStatus {
  readonly kid: string;
  readonly state: KeyState;
  readonly createdAtMs: number;
  readonly retiredAtMs: number | null;
  /** This node can sign with it. */
  readonly usable: boolean;
}

/** A change of one key: a guarded statement each, done in this order. */
export type KeyAction =
  | { readonly retire: string; readonly from: 'next' | 'current' }
  | { readonly promote: string }
  | { readonly make: 'next' | 'current' };

/** The keys to create before the service can sign. */
export function planInitialKeys(keys: readonly KeyStatus[]): KeyAction[] {
  const missing = (['current', 'next'] as const).filter((state) => find(keys, state) === undefined);
  return missing.map((make) => ({ make }));
}

/**
 * The steps of a rotation: current verifies on, next signs, a new next is published. A next that this node cannot use
 * is passed over for a fresh key, so that two lost secrets in a row cannot leave the service without a signer.
 */
export function planRotation(keys: readonly KeyStatus[]): KeyAction[] {
  const current = find(keys, 'current');
  const next = find(keys, 'next');
  const steps: KeyAction[] = current === undefined ? [] : [{ retire: current.kid, from: 'current' }];
  if (next?.usable) return [...steps, { promote: next.kid }, { make: 'next' }];
  if (next !== undefined) steps.push({ retire: next.kid, from: 'next' });
  return [...steps, { make: 'current' }, { make: 'next' }];
}

/**
 * Whether the current key has signed for the interval. The creation of the next key is the time: it is made in the transaction that
 * makes the current one current. So it was published for the whole interval before it signs.
 *
 * A node that cannot sign with both leaves the rotation to another one.
 */
export function isRotationDue(keys: readonly KeyStatus[], nowMs: number, intervalMs: number): boolean {
  const [current, next] = [find(keys, 'current'), find(keys, 'next')];
  if (!current?.usable || !next?.usable) return false;
  return next.createdAtMs + intervalMs <= nowMs;
}

/** Retired keys whose last token has ended. */
export function planDeletion(keys: readonly KeyStatus[], nowMs: number, overlapSeconds: number): string[] {
  return keys
    .filter(({ state, retiredAtMs }) => state === 'previous' && retiredAtMs! + overlapSeconds * 1_000 <= nowMs)
    .map(({ kid }) => kid);
}

function find(keys: readonly KeyStatus[], state: KeyState): KeyStatus | undefined {
  return keys.find((key) => key.state === state);
}
