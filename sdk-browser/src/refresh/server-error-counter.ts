import type { ErrorCode } from '@latchkey/contract';

/** Consecutive `internal_error` answers after which a retry does not help, for example because a hook of the service fails. */
const maxConsecutive = { code: 3, token: 5 } as const;

/** Counts consecutive `internal_error` refusals. */
interface ServerErrorCounter {
  /** Counts the refusal of a credential. Returns true at the limit, and starts again at 0. */
  countsAsLast(kind: keyof typeof maxConsecutive, code: ErrorCode): boolean;
  /** Starts again at 0. */
  reset(): void;
}

/** Creates a counter at 0. */
export function createServerErrorCounter(): ServerErrorCounter {
  let inARow = 0;
  return Object.freeze<ServerErrorCounter>({
    countsAsLast(kind, code) {
      inARow = code === 'internal_error' ? inARow + 1 : 0;
      if (inARow < maxConsecutive[kind]) return false;
      inARow = 0;
      return true;
    },
    reset() {
      inARow = 0;
    },
  });
}
