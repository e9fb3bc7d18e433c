import { sha256 } from '../../base/bytes.ts';
import { browserName } from '../../base/user-agent.ts';
import type { Db } from '../../db/schema.ts';
import type { NoticeCursor, NoticedSession, NoticePage } from './notice.ts';
import * as store from './notice-store.ts';

export type Notices = ReturnType<typeof createNotices>;

/**
 * Sessions that their users may have to know of, each examined once by one node, after it was opened and after it was ended. It
 * is read apart from sign-ins and from presentations of tokens, which never wait for it.
 *
 * @example
 * const { sessions } = await createNotices().take(tx, 'opened');
 */
export function createNotices() {
  return Object.freeze({
    /** The next page of sessions, with their users locked against a deletion. With the transaction they count as examined. */
    async take(tx: Db, name: NoticeCursor): Promise<NoticePage> {
      const after = await store.lockCursor(tx, name);
      const rows = after === undefined ? [] : await store.readSessions(tx, name, after);
      const last = rows.at(-1);
      if (last !== undefined) await store.moveCursor(tx, name, { micros: last.micros, id: last.sid });
      const found = rows.flatMap(({ email, ...session }) => (email === null ? [] : [{ ...session, email }]));
      const users = found.length === 0 ? undefined : await store.lockNotifiable(tx, found.map(toUserId));
      const sessions = found.filter((session) => users?.has(session.userId));
      return { sessions, isFull: rows.length === store.pageSize };
    },
    /**
     * Remembers the browser of a session. True: it is another one than those of the user's live sessions and those of the last
     * 90 days. False for the first sign-in of an account.
     */
    async isNewBrowser(tx: Db, session: NoticedSession): Promise<boolean> {
      const mark = markOf(session);
      const isUnknown = await store.rememberBrowser(tx, session, mark);
      if (!isUnknown || session.earlier.some((other) => markOf(other).equals(mark))) return false;
      return session.hasKnownBrowser || session.earlier.length > 0;
    },
    forget: store.deleteBrowsersOfUser,
    deleteUnused: store.deleteUnusedBrowsers,
  });
}

const toUserId = ({ userId }: Pick<NoticedSession, 'userId'>) => userId;

/** The key of the browser, else its name. A name with a version would change with each update. */
function markOf({ jkt, userAgent }: Pick<NoticedSession, 'jkt' | 'userAgent'>): Buffer {
  return jkt === null ? sha256('browser ', browserName(userAgent)) : sha256('key ', jkt);
}
