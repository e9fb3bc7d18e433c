import type { TokenStorage } from '../session.ts';

/** A sign-in that was begun here and goes on at the service: what proves on return that it is the same browser. */
export interface RedirectAttempt {
  readonly verifier: string;
  readonly rotationKey: string;
  /** Local time in epoch milliseconds, after which it is of no use; compared with the same clock only. */
  readonly until: number;
  /** The app's own state, for the way back. */
  readonly appState?: unknown;
  /** Brought back, and perhaps redeemed: a page that is loaded again goes on with it. */
  readonly code?: string;
}

/** The attempts of one tab, by the `state` that names each. */
export interface RedirectAttempts {
  /** Keeps an attempt; the oldest goes when there are too many. Throws what the storage throws. */
  save(state: string, attempt: RedirectAttempt): void;
  find(state: string): RedirectAttempt | undefined;
  /** The one whose code came back and was not given up. */
  findReturned(): readonly [state: string, attempt: RedirectAttempt] | undefined;
  remove(state: string): void;
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

/** Attempts in `storage`, under `prefix`; those past their time, and what is no attempt, are removed when they are met. */
export function createRedirectAttempts(storage: TokenStorage, prefix: string, now: () => number): RedirectAttempts {
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
    save(state: string, attempt: RedirectAttempt) {
      const others = list().filter(([other]) => other !== state);
      for (const [oldest] of others.slice(maxAttempts - 1)) storage.removeItem(prefix + oldest);
      storage.setItem(prefix + state, JSON.stringify(attempt));
    },
    find,
    findReturned: () => list().find(([, { code }]) => code !== undefined),
    remove: (state: string) => storage.removeItem(prefix + state),
  });
}
