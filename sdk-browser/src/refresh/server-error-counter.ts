import type { ErrorCode } from '@latchkey/contract';

/** Answers `internal_error` in a row after which trying again does not help: a hook of the service fails, for one. */
const maxConsecutive = { code: 3, token: 5 } as const;

/** Counts the errors of the service's own among its refusals. */
interface ServerErrorCounter {
  /** Counts the refusal of a credential. True: it is one too many. */
  countsAsLast(kind: keyof typeof maxConsecutive, code: ErrorCode): boolean;
  reset(): void;
}

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
