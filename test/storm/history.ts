import { type ErrorCode, isRetryable } from '@latchkey/contract';

/** What all clients of a run saw, whether or not the answer reached its browser afterwards. */
export interface History {
  /** A session token that the service handed out, and for which one: none for the first. */
  granted(token: string, shown?: string): void;
  refused(code: ErrorCode): void;
  /** A tab was notified that no user is signed in, or gave up. */
  fell(tab: string, status: string, reason: string | undefined): void;
  count(fault: string): void;
  /** Sessions whose generations are not one chain 1, 2, 3 … of one token each, each handed out for the one before. */
  broken(): string[];
  /** Different tokens handed out after a session's first. */
  successors(): number;
  falls(): readonly string[];
  /** Refusals that an honest client never meets: final ones, and `rate_limited`. */
  unforgivable(): string[];
  readonly tally: Readonly<Record<string, number>>;
}

export function createHistory(): History {
  const chains = new Map<string, Map<number, Set<string>>>();
  const leapt = new Set<string>();
  const falls: string[] = [];
  const refusals = new Set<ErrorCode>();
  const tally: Record<string, number> = {};
  const count = (what: string): void => {
    tally[what] = (tally[what] ?? 0) + 1;
  };
  return Object.freeze<History>({
    tally,
    count,
    granted(token, shown) {
      const { sid, gen } = read(token);
      if (shown !== undefined && read(shown).gen + 1 !== gen) leapt.add(sid);
      const chain = chains.get(sid) ?? new Map<number, Set<string>>();
      chains.set(sid, chain.set(gen, (chain.get(gen) ?? new Set()).add(token)));
    },
    refused(code) {
      count(code);
      refusals.add(code);
    },
    fell: (tab, status, reason) => void falls.push(`${tab}: ${status} ${reason ?? ''}`),
    falls: () => falls,
    broken: () => [...chains].filter(([sid, chain]) => leapt.has(sid) || !isChain(chain)).map(([sid]) => sid),
    successors: () => [...chains.values()].reduce((sum, chain) => sum + chain.size - 1, 0),
    unforgivable: () => [...refusals].filter((code) => !isRetryable(code) || code === 'rate_limited'),
  });
}

function isChain(chain: ReadonlyMap<number, ReadonlySet<string>>): boolean {
  return Array.from({ length: chain.size }, (_, index) => chain.get(index + 1)?.size).every((size) => size === 1);
}

/** Session and generation that a token names; of an empty storage, none. */
export function read(token = ''): { sid: string; gen: number } {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString() || '{"sid":"","gen":0}');
}
