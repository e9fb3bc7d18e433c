/** The verdict table of the service over rows in memory. A key is its own tag. */
export interface Row {
  readonly sid: string;
  gen: number;
  tag: string;
  confirmed: boolean;
  touchedAt: number;
  history: { gen: number; key: string; at: number }[];
  revoked: string | undefined;
  rotations: number;
  /** Thumbprint of the key that it is bound to. */
  jkt?: string;
}

type Verdict = 'rotate' | 'replay' | 'superseded' | 'contended' | 'reuse' | 'unknown' | 'key_reused' | 'revoked';

/** How long a request counts after it was asked, or received if that was before. */
export const countsForMs = 5_000;

/** What becomes of a request: a verdict, or none because it came late, so that nothing changed. */
export type Outcome = Verdict | 'late';

interface Presented {
  readonly gen: number;
  readonly tag: string;
  readonly keys: readonly string[];
}

export function newRow(sid: string, key: string, now: number): Row {
  const history = [{ gen: 0, key, at: now }];
  return { sid, gen: 1, tag: key, confirmed: false, touchedAt: now, history, revoked: undefined, rotations: 0 };
}

function verdictOn(row: Row, { gen, tag, keys }: Presented, now: number): Verdict {
  const recent = row.history.filter(({ at }) => at > now - 60_000);
  if (row.revoked !== undefined) return 'revoked';
  if (gen > row.gen || (gen === row.gen && tag !== row.tag)) return 'unknown';
  if (gen === row.gen) {
    const [first = ''] = keys;
    return first === row.tag || row.history.some(({ key }) => key === first) ? 'key_reused' : 'rotate';
  }
  const isParent = gen === row.gen - 1 && keys.includes(row.tag);
  if (isParent && !row.confirmed) return 'replay';
  if (isParent && row.touchedAt > now - 60_000) return 'superseded';
  if (recent.some((entry) => entry.gen === gen && keys.includes(entry.key))) return 'superseded';
  if (recent.some((entry) => entry.gen === gen && entry.at > now - 10_000)) return 'contended';
  return 'reuse';
}

function redateLast(row: Row, now: number): void {
  const last = row.history.at(-1);
  if (last !== undefined) last.at = now;
}

/** Decides, and does what the verdict says. */
export function present(row: Row, presented: Presented, now: number): Verdict {
  const verdict = verdictOn(row, presented, now);
  if (verdict === 'rotate') {
    const [key = ''] = presented.keys;
    row.history.push({ gen: row.gen, key, at: now });
    row.gen += 1;
    row.tag = key;
    row.confirmed = false;
    row.rotations += 1;
  }
  if (verdict === 'rotate' || verdict === 'replay') row.touchedAt = now;
  // Else a second tab that shows the same parent, after the first has replayed it and moved on, would be a thief when
  // the rotation is older than 60 s: two tabs that wake after a lost answer and a sleep.
  if (verdict === 'replay') redateLast(row, now);
  if (verdict === 'reuse') row.revoked = presented.gen === 0 ? 'code_used' : 'token_reused';
  if (verdict === 'unknown') row.revoked = 'generation_unknown';
  return verdict;
}

export function confirm(row: Row, gen: number, now: number): void {
  if (row.gen !== gen || row.confirmed || row.revoked !== undefined) return;
  row.confirmed = true;
  row.touchedAt = now;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of the shape the service makes; the same row makes the same bytes. */
export function tokenOf({ sid, gen, tag }: Pick<Row, 'sid' | 'gen' | 'tag'>): string {
  return `${encode({ alg: 'HS256', typ: 'session+jwt' })}.${encode({ sid, gen, tag, exp: 4_102_444_800 })}.c2ln`;
}

export function claimsOf(token: string): { sid: string; gen: number; tag: string } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
}
