import { type EndReason, type ErrorCode, endReasons, shouldClearToken } from '@latchkey/contract';
import { createRotationKeys } from './rotation-keys.ts';
import type { StorageAdapter } from './storage-adapter.ts';
import { decodeToken, type StoredToken } from './token.ts';

/** Why a token was erased. With `key_lost` the session is bound to a key that this browser does not have. */
export type TokenEndReason = EndReason | ErrorCode | 'key_lost';

/** A session that was erased. */
export interface TokenEnd {
  readonly sid: string;
  readonly reason: TokenEndReason;
}

/** `stored`: the token is stored. `kept`: this or a later generation is stored already. `foreign`: another session is stored. */
type StoreResult = 'stored' | 'kept' | 'foreign';

/** Maximum length of the quarantined copy. Only the latest one is kept. */
const maxQuarantinedLength = 4096;

const writeTimeoutMs = 5_000;

/** True for a known reason. Other pages of the origin may write any value. */
function isReason(value: string | undefined): value is TokenEndReason {
  return (
    shouldClearToken(value as ErrorCode) || value === 'key_lost' || (endReasons as readonly unknown[]).includes(value)
  );
}

interface TokenStoreDeps {
  /** Called with the token of a session that another one replaces. */
  readonly onReplaced?: (before: StoredToken) => void;
  /** Resolves after the storage has written everything, or after `timeoutMs`. */
  readonly flush?: ((timeoutMs?: number) => Promise<void>) | undefined;
}

/** Creates the token store on the entries of `storage`. */
export function createTokenStore(storage: StorageAdapter, { onReplaced = () => {}, flush }: TokenStoreDeps = {}) {
  const keys = createRotationKeys(storage);
  /** The latest token this tab has read or stored. It is written back if a concurrent write has left an older one. */
  let latest: StoredToken | undefined;
  /** The session that a sign-in here has replaced. A tab with a lagging storage may erase the new token at its end. */
  let replacedSessionId = '';

  const read = (): StoredToken | undefined => {
    const text = storage.get('token');
    const held = text === undefined ? undefined : decodeToken(text);
    if (text !== undefined && held === undefined) quarantineText(text);
    if (text === undefined && latest !== undefined && getEndReason(replacedSessionId) !== undefined) {
      put(latest);
      return latest;
    }
    if (held !== undefined && latest?.sid === held.sid && latest.gen > held.gen) {
      storage.set('token', latest.token);
      return latest;
    }
    latest = held;
    return held;
  };
  const quarantineText = (text: string): void => {
    storage.remove('token');
    storage.set('aside', text.slice(0, maxQuarantinedLength));
  };
  const getLastEnd = (): TokenEnd | undefined => {
    const [sid = '', reason] = (storage.get('ended') ?? '').split(' ');
    return isReason(reason) ? { sid, reason } : undefined;
  };
  const getEndReason = (sid: string): TokenEndReason | undefined => {
    const end = getLastEnd();
    return end?.sid === sid ? end.reason : undefined;
  };
  const put = (next: StoredToken): StoreResult => {
    storage.set('token', next.token);
    storage.remove('ended');
    latest = next;
    keys.dropBefore(next);
    return 'stored';
  };
  const forget = (sid: string, reason: TokenEndReason, remove: (held: StoredToken) => void): void => {
    const held = read();
    if (held?.sid !== sid) return;
    storage.set('ended', `${sid} ${reason}`);
    remove(held);
    keys.dropAll();
    latest = undefined;
  };
  return Object.freeze({
    /** Returns the stored token. Writes the latest token back if a concurrent write has left an older one. */
    read,
    /** Returns the rotation keys to send with a token that was read in the same task. */
    rotationKeysFor: keys.forAttempt,
    /**
     * Resolves after everything is written, including the rotation keys of `held`, the token that is about to be sent. With `held` it
     * resolves after five seconds even if the storage fails. Absent where writes are synchronous.
     */
    whenWritten:
      flush &&
      ((held?: StoredToken) => {
        if (held === undefined) return flush();
        keys.forAttempt(held);
        return flush(writeTimeoutMs);
      }),
    /** Stores the token if its generation is higher. Only the token of a code (`fresh`) may replace another session. */
    store(next: StoredToken, { fresh }: { fresh: boolean }) {
      const held = read();
      if (held?.sid === next.sid) return next.gen > held.gen ? put(next) : 'kept';
      if (!fresh) return 'foreign';
      replacedSessionId = held?.sid ?? '';
      if (held !== undefined) onReplaced(held);
      return put(next);
    },
    /** Removes the token and the rotation keys of a session, if it is the stored one. */
    erase: (sid: string, reason: TokenEndReason) => forget(sid, reason, () => storage.remove('token')),
    /** Like `erase`, but keeps one copy under `aside` for debugging. */
    quarantine: (sid: string, reason: TokenEndReason) => forget(sid, reason, (held) => quarantineText(held.token)),
    /** Returns the last session that was erased, by any tab. Known until the next session is stored. */
    getLastEnd,
    /** Returns why a session was erased, if it is the last one. */
    getEndReason,
  });
}

/**
 * The token that the tabs of a browser share, by the rules of docs/why/token-storage.md. Each call reads the storage, because another
 * tab may have written.
 */
export type TokenStore = ReturnType<typeof createTokenStore>;
