import { randomBase64url } from '../platform/random.ts';
import type { TokenStorage } from '../platform/storage.ts';
import type { Timers } from '../platform/timers.ts';
import { openBroadcastChannel } from './channel.ts';
import { getLockManager } from './leader.ts';

/**
 * The owner of the entries in the storage of a tab:
 * - `own`      this page
 * - `shared`   another open page with the same storage: one of the two is a frame of the other
 * - `copy`     another open page with another storage: this tab is a duplicate
 * - `unknown`  another page, which does not answer
 */
export type StorageOwnership = 'own' | 'shared' | 'copy' | 'unknown';

/** Finds the owner of the storage that has `id` under `name`. With the result `own` this page is the owner until it is closed. */
export type ClaimStorage = (
  name: string,
  id: string,
  storage: TokenStorage,
  timers: Timers,
) => Promise<StorageOwnership>;

const nonceBytes = 9;
/** How long to wait for a lock. An open page answers within milliseconds, and a page that was just closed frees its lock as fast. */
const lockTimeoutMs = 5_000;
/** How long to wait for an answer where there are no locks. */
const replyTimeoutMs = 500;

/** Name of the entry that identifies the storage of a page that asks. Each request has its own, because several may run at once. */
const probeName = (name: string, nonce: string): string => `${name}:probe:${nonce}`;

/** Answers pages that ask whether their storage is that of this page. */
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
      // A page that shares the storage keeps waiting for the lock, because the page that answered may be closing.
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
 * Creates a function that asks other pages by channel and waits for the lock, which the owner holds. A page claims each id once,
 * for all its sessions. Resolves with `unknown` where there is no channel.
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

/** Claims storages for this page. */
export const claimTabStorage = /* @__PURE__ */ createClaimStorage();
