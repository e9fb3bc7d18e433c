import type { TokenStorage } from '../platform/storage.ts';

/** A redirect sign-in that this tab has begun, with the secrets that prove on return that it is the same browser. */
export interface RedirectAttempt {
  readonly verifier: string;
  readonly rotationKey: string;
  /** Expiry in epoch milliseconds, by the clock of this browser. */
  readonly until: number;
  /** The `state` of the app, returned by `handleRedirect`. */
  readonly appState?: unknown;
  /** The returned code. After a reload the page presents it again. */
  readonly code?: string;
}

const maxAttempts = 5;

function parse(text: string | null): RedirectAttempt | undefined {
  try {
    const { verifier, rotationKey, until, code, appState } = JSON.parse(text ?? '');
    const isWhole = [verifier, rotationKey, code ?? ''].every((part) => typeof part === 'string');
    return isWhole && Number.isFinite(until) ? { verifier, rotationKey, until, code, appState } : undefined;
  } catch {
    return undefined;
  }
}

/** Creates the attempts in `storage`, under `prefix`. A read removes expired attempts and entries that are not attempts. */
export function createRedirectAttempts(storage: TokenStorage, prefix: string, now: () => number) {
  const find = (state: string): RedirectAttempt | undefined => {
    const attempt = parse(storage.getItem(prefix + state));
    if (attempt !== undefined && attempt.until > now()) return attempt;
    storage.removeItem(prefix + state);
    return undefined;
  };
  const list = () =>
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '')
      .filter((name) => name.startsWith(prefix))
      .flatMap((name) => {
        const state = name.slice(prefix.length);
        const attempt = find(state);
        return attempt === undefined ? [] : [[state, attempt] as const];
      })
      .sort(([, one], [, other]) => other.until - one.until);
  return Object.freeze({
    /** Stores an attempt and removes the oldest above five. Throws errors of the storage. */
    save(state: string, attempt: RedirectAttempt) {
      const others = list().filter(([other]) => other !== state);
      for (const [oldest] of others.slice(maxAttempts - 1)) storage.removeItem(prefix + oldest);
      storage.setItem(prefix + state, JSON.stringify(attempt));
    },
    /** Returns an attempt that has not expired. */
    find,
    /** Returns the newest attempt with a returned code. */
    findReturned: () => list().find(([, { code }]) => code !== undefined),
    remove: (state: string) => storage.removeItem(prefix + state),
  });
}

/** The attempts of one tab, by their `state`. */
export type RedirectAttempts = ReturnType<typeof createRedirectAttempts>;
