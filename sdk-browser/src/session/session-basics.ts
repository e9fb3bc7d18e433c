import { createHttpClient } from '../http/http-client.ts';
import { servicePaths } from '../http/paths.ts';
import { createDatabaseClockEstimate } from '../platform/database-clock.ts';
import { windowTarget } from '../platform/event-target.ts';
import { createTimers } from '../platform/timers.ts';
import { createWarnOnce } from '../platform/warn-once.ts';
import type { ProverFactory } from '../proof/prover.ts';
import { createTabChannel, noChannel } from '../tabs/channel.ts';
import { createLeader, getLockManager } from '../tabs/leader.ts';
import { createAccessTokenStore } from '../tokens/access-token-store.ts';
import { sharedNames } from '../tokens/names.ts';
import { createStorageAdapter } from '../tokens/storage-adapter.ts';
import { resolveStorageLocation } from '../tokens/storage-location.ts';
import type { StoredToken } from '../tokens/token.ts';
import { createTokenStore } from '../tokens/token-store.ts';
import type { SessionOptions } from './session.ts';
import { createSessionEmitter } from './session-emitter.ts';

const storageWarning = 'the storage of the browser is forbidden or full. The sign-in ends when this page is closed.';

/** Creates the components of a session that need no other part of it. */
export function createSessionBasics(options: SessionOptions, createProver: ProverFactory | undefined) {
  const timers = options.timers ?? createTimers();
  const { url, useDpop: isWanted = true } = options;
  const names = sharedNames(options);
  const { prefix } = names;
  const warnOnce = createWarnOnce();
  /** Without warnings on a server that renders pages: it needs neither IndexedDB nor localStorage. */
  const warnOnceInPage = windowTarget() === undefined ? undefined : warnOnce;
  const prover = createProver?.({ database: names.database, timers, isWanted, warnOnce: warnOnceInPage });
  const databaseClock = createDatabaseClockEstimate(timers);
  const http = createHttpClient({ url, timers, databaseClock, prover, warnOnce });
  // A sign-in ends the previous session of this browser (OWASP ASVS 7.2.4). If the request fails, that session expires.
  const endReplaced = ({ token }: StoredToken): void => {
    http.postForm(servicePaths.oauthRevoke, { token }).catch(() => {});
  };
  const { isShared, ensureOpen, flush, ...location } = resolveStorageLocation(options, prefix, timers, warnOnce);
  const storage = createStorageAdapter(location.storage, prefix, () => warnOnceInPage?.('storage', storageWarning));
  const tokenStore = createTokenStore(storage, { onReplaced: endReplaced, flush });
  return {
    names,
    timers,
    warnOnce,
    databaseClock,
    /** Opens the storage. Returns `undefined` when it is open already. Rejects with `unavailable`. */
    ensureOpen,
    /** Entries of this session. Only the token store uses those of tokens. */
    storage,
    tokenStore,
    /** No other tab shares a session that is not shared, so this tab leads. */
    leader: createLeader(`${prefix}rotate`, isShared ? getLockManager() : undefined),
    random: options.random ?? Math.random,
    events: createSessionEmitter(),
    /** Absent in the entry `unbound`, which makes no proofs. */
    prover,
    http,
    access: createAccessTokenStore(timers),
    channel: isShared ? createTabChannel(prefix) : noChannel,
  };
}

export type SessionBasics = ReturnType<typeof createSessionBasics>;
