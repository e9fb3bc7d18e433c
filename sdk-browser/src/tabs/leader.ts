/** Returns the lock manager of the browser, or `undefined` where there is none. */
export function getLockManager(): Pick<LockManager, 'request'> | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.locks;
}

/**
 * Elects the tab that rotates the token for all tabs of a session, by Web Lock. Without locks, and where they are forbidden, every
 * tab is a leader. Two leaders only cause double work.
 */
export function createLeader(name: string, locks: Pick<LockManager, 'request'> | undefined) {
  let candidacy: AbortController | undefined;
  let isLeader = false;
  const hold = (signal: AbortSignal): Promise<void> =>
    new Promise((release) => {
      if (signal.aborted) return release();
      isLeader = true;
      signal.addEventListener('abort', () => release(), { once: true });
    });
  return Object.freeze({
    get isLeader() {
      return locks === undefined || isLeader;
    },
    /** Becomes a candidate. The next candidate leads when the leader stops or its tab is closed. */
    start() {
      if (candidacy !== undefined || locks === undefined) return;
      candidacy = new AbortController();
      const { signal } = candidacy;
      locks
        .request(name, { signal }, () => hold(signal))
        .catch(() => {
          if (!signal.aborted) isLeader = true;
        });
    },
    /** Withdraws the candidate or the leader. */
    stop() {
      candidacy?.abort();
      candidacy = undefined;
      isLeader = false;
    },
  });
}
