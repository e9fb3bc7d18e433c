import type { RotationRequest, RotationRow, RowVerdict } from './verdict.ts';

/** What is explored, and how far. */
export interface Bounds {
  readonly tabs: number;
  /** Web Locks: one tab at a time presents, and reading the storage and sending is one step. */
  readonly lock: boolean;
  readonly thief: 'none' | 'idle' | 'mid';
  readonly sends: number;
  readonly thiefSends: number;
  readonly duplicates: number;
  /** How many times the clock jumps by 11 s (past `contended`) or by 61 s (past the history). */
  readonly jumps: number;
  /** A request or an answer older than this has died with its connection. */
  readonly latestMs: number;
  /** How long a request counts after it was sent. With it, requests outlive their connection and arrive at any time. */
  readonly deadlineMs?: number;
}

/** What a tab read from the browser's storage, and keeps while it makes its request. */
export interface StoredToken {
  readonly gen: number;
  readonly tag: string;
  /** Of attempts to replace this generation; written before they are sent. */
  readonly keys: readonly string[];
}

/** A request on its way. */
export interface Request {
  readonly tab: number;
  readonly gen: number;
  readonly tag: string;
  readonly keys: readonly string[];
  readonly sentAt: number;
}

interface Answer {
  readonly tab: number;
  readonly sentAt: number;
  readonly gen: number;
  readonly tag: string;
}

/** Who replaced a generation, with which key, and when that key was last shown for it. */
interface Replacing {
  readonly gen: number;
  readonly key: string;
  readonly at: number;
}

export interface World {
  readonly now: number;
  readonly row: RotationRow;
  readonly stored: StoredToken;
  /** Per tab: what it has read, if it is about to send; and whether it waits for an answer. */
  readonly read: readonly (StoredToken | null)[];
  readonly waiting: readonly boolean[];
  readonly requests: readonly Request[];
  readonly answers: readonly Answer[];
  /** Generations whose acknowledgement is on its way. */
  readonly acks: readonly number[];
  readonly replaced: readonly Replacing[];
  readonly thief: (StoredToken & { readonly stolen: number }) | null;
  readonly keysMade: number;
  readonly left: {
    readonly sends: number;
    readonly thief: number;
    readonly duplicates: number;
    readonly jumps: number;
  };
}

export function startWorld(bounds: Bounds): World {
  const { sends, thiefSends, duplicates, jumps } = bounds;
  const row: RotationRow = {
    gen: 1,
    tag: 'v0',
    confirmed: true,
    touchedAt: -1e6,
    history: [],
    endsAt: 1e9,
    revoked: false,
    jkt: null,
  };
  return {
    now: 0,
    row,
    stored: { gen: 1, tag: 'v0', keys: [] },
    read: Array(bounds.tabs).fill(null),
    waiting: Array(bounds.tabs).fill(false),
    requests: [],
    answers: [],
    acks: [],
    replaced: [],
    thief: null,
    keysMade: 0,
    left: { sends, thief: thiefSends, duplicates, jumps },
  };
}

export function presentedBy(
  from: { gen: number; tag: string },
  keys: readonly string[],
  until: number,
): RotationRequest {
  return { gen: from.gen, tag: from.tag, keys, jkt: null, kind: 'keyed', until };
}

const harmful: readonly RowVerdict[] = ['reuse', 'unknown_generation', 'revoked', 'expired', 'key_reused'];

/** The invariants of a single presentation. Keys of the thief begin with `a`, keys of the victim with `v`. */
export function brokenBy(
  world: World,
  shown: RotationRequest,
  who: 'v' | 'a',
  verdict: RowVerdict,
): string | undefined {
  const { row, now } = world;
  if (verdict === 'rotate' && (shown.gen !== row.gen || shown.tag !== row.tag)) return 'I1: a second successor';
  if (verdict === 'replay' && !shown.keys.includes(row.tag)) return 'I4: a token for another key';
  if (verdict === 'late') return undefined;
  if (world.thief === null && harmful.includes(verdict)) return `I3: ${verdict} for an honest client`;
  const by = world.replaced.find(({ gen }) => gen === shown.gen);
  if (by === undefined || by.key.startsWith(who) || shown.keys.includes(by.key)) return undefined;
  if (verdict === 'reuse' || (verdict === 'contended' && now - by.at < 10_000)) return undefined;
  return `I5: ${verdict} for a token that another client replaced`;
}

/** The invariants of a state, for a thief with an idle copy. */
export function brokenIn(world: World, bounds: Bounds): string | undefined {
  const { thief, row, stored } = world;
  if (bounds.thief !== 'idle' || thief === null || row.revoked) return undefined;
  const isLive = thief.gen === row.gen && thief.tag === row.tag;
  if (!isLive || row.gen === thief.stolen) return undefined;
  if (stored.gen === row.gen) return 'I5: the thief follows beside the victim';
  const first = world.replaced.find(({ gen }) => gen === thief.stolen);
  return first?.key.startsWith('v') ? 'I5: the thief lives on after the victim rotated' : undefined;
}
