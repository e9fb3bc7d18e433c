import type { Failure, SessionUser } from '@latchkey/contract';
import { fail } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';

/**
 * A sign-in code with its PKCE verifier and rotation key, as the service receives them. Kept in memory only. It is presented
 * unchanged after a lost answer.
 */
export interface PendingCode {
  readonly code: string;
  readonly code_verifier: string;
  readonly rotation_key: string;
}

interface CodeExchangeDeps {
  readonly timers: Timers;
  readonly closed: AbortSignal;
  readonly onGiveUp: () => void;
}

/** Creates an exchange without a code. `onGiveUp` is called after the timeout. */
export function createCodeExchange({ timers, closed, onGiveUp }: CodeExchangeDeps) {
  let current:
    | { pending: PendingCode; resolve: (user: SessionUser) => void; reject: (why: Failure) => void }
    | undefined;
  let cancelTimer = (): void => {};
  const end = () => {
    const ended = current;
    current = undefined;
    cancelTimer();
    return ended;
  };
  const giveUp = (): void => {
    end()?.reject(fail('unavailable'));
    onGiveUp();
  };
  closed.addEventListener('abort', () => end()?.reject(fail('unavailable')));
  return Object.freeze({
    /** The code that is being redeemed. */
    get pending() {
      return current?.pending;
    },
    /**
     * Sets the pending code. Resolves with the user. Rejects with the final refusal, and with `unavailable` after `timeoutMs` or when
     * the session is closed.
     */
    begin(pending: PendingCode, timeoutMs: number) {
      return new Promise<SessionUser>((resolve, reject) => {
        if (closed.aborted) return reject(fail('unavailable'));
        current = { pending, resolve, reject };
        cancelTimer = timers.after(timeoutMs, giveUp);
      });
    },
    /** Resolves the exchange, if there is one. */
    succeed: (user: SessionUser) => end()?.resolve(user),
    /** Rejects the exchange, if there is one. */
    refuse: (failure: Failure) => end()?.reject(failure),
  });
}

/** The exchange of one sign-in code (docs/why/token-storage.md#a-code-in-memory). */
export type CodeExchange = ReturnType<typeof createCodeExchange>;
