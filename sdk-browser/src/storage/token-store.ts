import { type ErrorCode, endReasons, shouldClearToken } from '@latchkey/contract';
import type { SessionReason } from '../session-state.ts';
import { createRotationKeys, type RotationAttempt } from './rotation-keys.ts';
import type { StorageAdapter } from './storage-adapter.ts';
import { decodeToken, type StoredToken } from './token.ts';

/** `stored` now the newest · `kept` the jar holds it, or a later one, already · `foreign` the jar is another session's. */
type StoreResult = 'stored' | 'kept' | 'foreign';

/**
 * The one token that the tabs of a browser share, by the rules of docs/token-storage.md. Every call reads the storage itself: another tab
 * may have written a moment ago.
 */
export interface TokenStore {
  read(): StoredToken | undefined;
  /** Keys to send with the token that was just read, in the same task. */
  rotationKeysFor(held: StoredToken): RotationAttempt;
  /** Keeps the token if its generation is higher. Only a redeemed code (`fresh`) may replace another session. */
  store(next: StoredToken, options: { fresh: boolean }): StoreResult;
  /** Forgets the session, if the jar still holds it. */
  erase(sid: string, reason: SessionReason): void;
  /** As `erase`, but a copy stays under `aside` for whoever investigates. */
  quarantine(sid: string, reason: SessionReason): void;
  /**
   * Resolves once everything is written, which includes the keys of the token that is about to be sent. A storage that fails for
   * seconds does not keep that from being sent. Absent where a write is done when it returns.
   */
  readonly whenWritten?: ((held?: StoredToken) => Promise<void>) | undefined;
  /** Why a session was erased, by whichever tab; until the next one is stored. */
  getEndReason(sid: string): SessionReason | undefined;
}

/** One entry is kept aside, the latest, and of what is no token only so many characters. */
const maxQuarantinedLength = 4096;

const writeTimeoutMs = 5_000;

/** Only what may stand there: other pages of the origin write to the storage, too. */
function isReason(value: string | undefined): value is SessionReason {
  return (
    shouldClearToken(value as ErrorCode) || value === 'key_lost' || (endReasons as readonly unknown[]).includes(value)
  );
}

interface TokenStoreDeps {
  /** Gets the token of a session whose place another one takes. */
  readonly onReplaced?: (before: StoredToken) => void;
  /** Resolves once the storage has written everything, or after `timeoutMs`. */
  readonly flush?: ((patienceMs?: number) => Promise<void>) | undefined;
}

export function createTokenStore(
  storage: StorageAdapter,
  { onReplaced = () => {}, flush }: TokenStoreDeps = {},
): TokenStore {
  const keys = createRotationKeys(storage);
  /** The latest token this tab has seen. Two tabs that write at once may leave the older one: it is put right again. */
  let latest: StoredToken | undefined;
  /** Whose place was taken here. A tab that hears of that end while its storage lags erases the newer token, too. */
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
  const getEndReason = (sid: string): SessionReason | undefined => {
    const [ended, reason] = (storage.get('ended') ?? '').split(' ');
    return ended === sid && isReason(reason) ? reason : undefined;
  };
  const put = (next: StoredToken): StoreResult => {
    storage.set('token', next.token);
    storage.remove('ended');
    latest = next;
    keys.dropBefore(next);
    return 'stored';
  };
  const forget = (sid: string, reason: SessionReason, remove: (held: StoredToken) => void): void => {
    const held = read();
    if (held?.sid !== sid) return;
    storage.set('ended', `${sid} ${reason}`);
    remove(held);
    keys.dropAll();
    latest = undefined;
  };
  return Object.freeze({
    read,
    rotationKeysFor: keys.forAttempt,
    written:
      flush &&
      ((held?: StoredToken) => {
        if (held === undefined) return flush();
        keys.forAttempt(held);
        return flush(writeTimeoutMs);
      }),
    store(next: StoredToken, { fresh }: { fresh: boolean }) {
      const held = read();
      if (held?.sid === next.sid) return next.gen > held.gen ? put(next) : 'kept';
      if (!fresh) return 'foreign';
      replacedSessionId = held?.sid ?? '';
      if (held !== undefined) onReplaced(held);
      return put(next);
    },
    erase: (sid: string, reason: SessionReason) => forget(sid, reason, () => storage.remove('token')),
    quarantine: (sid: string, reason: SessionReason) => forget(sid, reason, (held) => quarantineText(held.token)),
    getEndReason,
  });
}
