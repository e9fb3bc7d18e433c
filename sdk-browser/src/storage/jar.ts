import { type ErrorCode, endReasons, endsJar } from '@latchkey/contract';
import type { SessionReason } from '../session-state.ts';
import { type AttemptKeys, createRotationKeys } from './rotation-keys.ts';
import type { Shelf } from './storage.ts';
import { decodeToken, type HeldToken } from './token.ts';

/** `stored` now the newest · `kept` the jar holds it, or a later one, already · `foreign` the jar is another session's. */
type Stored = 'stored' | 'kept' | 'foreign';

/**
 * The one token that the tabs of a browser share, by the rules of docs/token-storage.md. Every call reads the storage itself: another tab
 * may have written a moment ago.
 */
export interface Jar {
  read(): HeldToken | undefined;
  /** Keys to send with the token that was just read, in the same task. */
  keysFor(held: HeldToken): AttemptKeys;
  /** Keeps the token if its generation is higher. Only a redeemed code (`fresh`) may replace another session. */
  store(next: HeldToken, options: { fresh: boolean }): Stored;
  /** Forgets the session, if the jar still holds it. */
  erase(sid: string, reason: SessionReason): void;
  /** As `erase`, but a copy stays under `aside` for whoever investigates. */
  setAside(sid: string, reason: SessionReason): void;
  /**
   * Resolves once everything is written, which includes the keys of the token that is about to be sent. A storage that fails for
   * seconds does not keep that from being sent. Absent where a write is done when it returns.
   */
  readonly written?: ((held?: HeldToken) => Promise<void>) | undefined;
  /** Why a session was erased, by whichever tab; until the next one is stored. */
  endOf(sid: string): SessionReason | undefined;
}

/** One entry is kept aside, the latest, and of what is no token only so many characters. */
const asideMost = 4096;

const writePatienceMs = 5_000;

/** Only what may stand there: other pages of the origin write to the storage, too. */
function isReason(value: string | undefined): value is SessionReason {
  return endsJar(value as ErrorCode) || value === 'key_lost' || (endReasons as readonly unknown[]).includes(value);
}

interface JarNeeds {
  /** Gets the token of a session whose place another one takes. */
  readonly onReplaced?: (before: HeldToken) => void;
  /** Resolves once the storage has written everything, or after `patienceMs`. */
  readonly flush?: ((patienceMs?: number) => Promise<void>) | undefined;
}

export function createJar(shelf: Shelf, { onReplaced = () => {}, flush }: JarNeeds = {}): Jar {
  const keys = createRotationKeys(shelf);
  /** The latest token this tab has seen. Two tabs that write at once may leave the older one: it is put right again. */
  let latest: HeldToken | undefined;
  /** Whose place was taken here. A tab that hears of that end while its storage lags erases the newer token, too. */
  let replaced = '';

  const read = (): HeldToken | undefined => {
    const text = shelf.get('token');
    const held = text === undefined ? undefined : decodeToken(text);
    if (text !== undefined && held === undefined) moveAside(text);
    if (text === undefined && latest !== undefined && endOf(replaced) !== undefined) {
      put(latest);
      return latest;
    }
    if (held !== undefined && latest?.sid === held.sid && latest.gen > held.gen) {
      shelf.set('token', latest.token);
      return latest;
    }
    latest = held;
    return held;
  };
  const moveAside = (text: string): void => {
    shelf.remove('token');
    shelf.set('aside', text.slice(0, asideMost));
  };
  const endOf = (sid: string): SessionReason | undefined => {
    const [ended, reason] = (shelf.get('ended') ?? '').split(' ');
    return ended === sid && isReason(reason) ? reason : undefined;
  };
  const put = (next: HeldToken): Stored => {
    shelf.set('token', next.token);
    shelf.remove('ended');
    latest = next;
    keys.dropBefore(next);
    return 'stored';
  };
  const forget = (sid: string, reason: SessionReason, remove: (held: HeldToken) => void): void => {
    const held = read();
    if (held?.sid !== sid) return;
    shelf.set('ended', `${sid} ${reason}`);
    remove(held);
    keys.dropAll();
    latest = undefined;
  };
  return Object.freeze({
    read,
    keysFor: keys.forAttempt,
    written:
      flush &&
      ((held?: HeldToken) => {
        if (held === undefined) return flush();
        keys.forAttempt(held);
        return flush(writePatienceMs);
      }),
    store(next: HeldToken, { fresh }: { fresh: boolean }) {
      const held = read();
      if (held?.sid === next.sid) return next.gen > held.gen ? put(next) : 'kept';
      if (!fresh) return 'foreign';
      replaced = held?.sid ?? '';
      if (held !== undefined) onReplaced(held);
      return put(next);
    },
    erase: (sid: string, reason: SessionReason) => forget(sid, reason, () => shelf.remove('token')),
    setAside: (sid: string, reason: SessionReason) => forget(sid, reason, (held) => moveAside(held.token)),
    endOf,
  });
}
