import { randomBase64url } from '../platform/random.ts';
import type { Timers } from '../platform/timers.ts';
import type { JarStorage } from '../session.ts';
import { openBroadcast } from './channel.ts';
import { findLocks } from './leader.ts';

/**
 * Whose the entries of a tab's storage are:
 * - `own`      this page's
 * - `shared`   of another page that lives, in this very storage: one of the two is a frame of the other
 * - `copy`     of another page that lives, in another storage: this tab is a duplicate
 * - `unknown`  of another page that does not answer
 */
export type Ownership = 'own' | 'shared' | 'copy' | 'unknown';

/** Finds out, for the storage that holds `id` under `name`; from then on this page is the owner, if it is `own`. */
export type Claim = (name: string, id: string, storage: JarStorage, timers: Timers) => Promise<Ownership>;

const nonceBytes = 9;
/** A page that is asked answers within milliseconds; one that was just left frees its lock as quickly. */
const patienceMs = 5_000;
/** Without locks only an answer can say that another page lives. */
const silenceMs = 500;

/** The entry by which a page shows its storage. Each has its own: several may ask at once. */
const probeOf = (name: string, nonce: string): string => `${name}:probe:${nonce}`;

/** Answers pages that ask whether their storage is the one of this page. */
function answer(channel: BroadcastChannel, name: string, storage: JarStorage): void {
  channel.addEventListener('message', ({ data }) => {
    const { ask } = data as { ask?: string };
    if (ask === undefined) return;
    channel.postMessage({ to: ask, found: storage.getItem(probeOf(name, ask)) === null ? 'copy' : 'shared' });
  });
}

interface Question {
  readonly name: string;
  readonly id: string;
  readonly storage: JarStorage;
  readonly timers: Timers;
  readonly locks: Pick<LockManager, 'request'> | undefined;
}

function ask({ name, id, storage, timers, locks }: Question): Promise<Ownership> {
  const nonce = randomBase64url(nonceBytes);
  const probe = probeOf(name, nonce);
  const channel = openBroadcast(`${name}:${id}`);
  if (channel === undefined) return Promise.resolve('unknown');
  const end = new AbortController();
  return new Promise<Ownership>((resolve) => {
    let isSettled = false;
    const settle = (found: Ownership): void => {
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
      answer(channel, name, storage);
      settle('own');
    };
    channel.addEventListener('message', ({ data }) => {
      const { to, found } = data as { to?: string; found?: Ownership };
      if (to === nonce && found !== undefined) settle(found);
    });
    const cancelTimer =
      locks === undefined ? timers.after(silenceMs, own) : timers.after(patienceMs, () => settle('unknown'));
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
export function createClaim(locks = findLocks): Claim {
  const claims = new Map<string, Promise<Ownership>>();
  return (name, id, storage, timers) => {
    const key = `${name}:${id}`;
    const claim = claims.get(key) ?? ask({ name, id, storage, timers, locks: locks() });
    claims.set(key, claim);
    return claim;
  };
}

/** Of this page. */
export const claimTab = /* @__PURE__ */ createClaim();
