/** Which of a session's tabs does the work that one is enough for. Two leaders do no harm, only double work. */
export interface Leader {
  readonly isLeader: boolean;
  /** Stands for election; a leader that stops, or whose tab ends, hands over. */
  start(): void;
  stop(): void;
}

export function getLockManager(): Pick<LockManager, 'request'> | undefined {
  return typeof navigator === 'undefined' ? undefined : navigator.locks;
}

/** For a session that no other tab shares. */
export const soleLeader: Leader = Object.freeze({ isLeader: true, start: () => {}, stop: () => {} });

/** Leader by Web Lock; where there are none, or they are forbidden, every tab is one. */
export function createLeader(name: string, locks: Pick<LockManager, 'request'> | undefined = getLockManager()): Leader {
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
    stop() {
      candidacy?.abort();
      candidacy = undefined;
      isLeader = false;
    },
  });
}
