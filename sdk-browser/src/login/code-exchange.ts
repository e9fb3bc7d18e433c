import type { Failure } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { SessionUser } from '../session-state.ts';

/** A code with what proves its owner; kept in memory only, and shown again exactly like this after a lost answer. */
export interface PendingCode {
  readonly code: string;
  readonly verifier: string;
  readonly rotationKey: string;
}

/** The one code that is being redeemed (docs/token-storage.md#a-code-in-memory). */
export interface CodeExchange {
  readonly pending: PendingCode | undefined;
  /**
   * Takes up a code; resolves with the user, or rejects when it is refused for good, `timeoutMs` is over or the session
   * is closed.
   */
  begin(pending: PendingCode, patienceMs: number): Promise<SessionUser>;
  succeed(user: SessionUser): void;
  refuse(failure: Failure): void;
}

interface CodeExchangeDeps {
  readonly timers: Timers;
  readonly closed: AbortSignal;
  readonly onGiveUp: () => void;
}

export function createCodeExchange({ timers, closed, onGiveUp }: CodeExchangeDeps): CodeExchange {
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
    get pending() {
      return current?.pending;
    },
    begin(pending: PendingCode, timeoutMs: number) {
      return new Promise<SessionUser>((resolve, reject) => {
        if (closed.aborted) return reject(fail('unavailable'));
        current = { pending, resolve, reject };
        cancelTimer = timers.after(timeoutMs, giveUp);
      });
    },
    succeed: (user: SessionUser) => end()?.resolve(user),
    refuse: (failure: Failure) => end()?.reject(failure),
  });
}
