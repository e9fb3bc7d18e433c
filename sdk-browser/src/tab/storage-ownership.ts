import { randomBase64url } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import type { TokenStorage } from '../session.ts';
import { openBroadcastChannel } from './channel.ts';
import { getLockManager } from './leader.ts';

/**
 * Whose the entries of a tab's storage are:
 * - `own`      this page's
 * - `shared`   of another page that lives, in this very storage: one of the two is a frame of the other
 * - `copy`     of another page that lives, in another storage: this tab is a duplicate
 * - `unknown`  of another page that does not answer
 */
export type StorageOwnership = 'own' | 'shared' | 'copy' | 'unknown';

/** Finds out, for the storage that holds `id` under `name`; from then on this page is the owner, if it is `own`. */
export type ClaimStorage = (
  name: string,
  id: string,
  storage: TokenStorage,
  timers: Timers,
) => Promise<StorageOwnership>;

const nonceBytes = 9;
/** A page that is asked answers within milliseconds; one that was just left frees its lock as quickly. */
const lockTimeoutMs = 5_000;
/** Without locks only an answer can say that another page lives. */
const replyTimeoutMs = 500;

/** The entry by which a page shows its storage. Each has its own: several may ask at once. */
const probeName = (name: string, nonce: string): string => `${name}:probe:${nonce}`;

/** Answers pages that ask whether their storage is the one of this page. */
function answerProbes(channel: BroadcastChannel, name: string, storage: TokenStorage): void {
  channel.addEventListener('message', ({ data }) => {
    const { ask } = data as { ask?: string };
    if (ask === undefined) return;
    channel.postMessage({ to: ask, found: storage.getItem(probeName(name, ask)) === null ? 'copy' : 'shared' });
  });
}

interface OwnershipQuery {
  readonly name: string;
  readonly id: string;
  readonly storage: TokenStorage;
  readonly timers: Timers;
  readonly locks: Pick<LockManager, 'request'> | undefined;
}

function queryOwnership({ name, id, storage, timers, locks }: OwnershipQuery): Promise<StorageOwnership> {
  const nonce = randomBase64url(nonceBytes);
  const probe = probeName(name, nonce);
  const channel = openBroadcastChannel(`${name}:${id}`);
  if (channel === undefined) return Promise.resolve('unknown');
  const end = new AbortController();
  return new Promise<StorageOwnership>((resolve) => {
    let isSettled = false;
    const settle = (found: StorageOwnership): void => {
      if (isSettled) return;
      isSettled = true;
      cancelTimer();
      storage.removeItem(probe);
      resolve(found);
      // One that shares the storage waits for the lock: the page that answered may be the one that was just left.
      if (found === 'own' || found === 'shared') return;
      end.abort();
      channel.close();
    };
    const own = (): void => {
      answerProbes(channel, name, storage);
      settle('own');
    };
    channel.addEventListener('message', ({ data }) => {
      const { to, found } = data as { to?: string; found?: StorageOwnership };
      if (to === nonce && found !== undefined) settle(found);
    });
    const cancelTimer =
      locks === undefined ? timers.after(replyTimeoutMs, own) : timers.after(lockTimeoutMs, () => settle('unknown'));
    const hold = (): Promise<void> => {
      own();
      return new Promise(() => {});
    };
    locks?.request(channel.name, { signal: end.signal }, hold).catch(() => {});
    storage.setItem(probe, '');
    channel.postMessage({ ask: nonce });
  });
}

/**
 * Asks by channel, and waits for the lock of the tab, which the page that owns it holds. A page claims each id once, for all its
 * sessions. `unknown` where there is no channel.
 */
export function createClaimStorage(locks = getLockManager): ClaimStorage {
  const claims = new Map<string, Promise<StorageOwnership>>();
  return (name, id, storage, timers) => {
    const key = `${name}:${id}`;
    const claim = claims.get(key) ?? queryOwnership({ name, id, storage, timers, locks: locks() });
    claims.set(key, claim);
    return claim;
  };
}

/** Of this page. */
export const claimTabStorage = /* @__PURE__ */ createClaimStorage();
