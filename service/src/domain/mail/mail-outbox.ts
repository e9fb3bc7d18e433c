import { randomUUID } from 'node:crypto';
import { unwrapBytes, wrapBytes } from '../../base/wrap.ts';
import type { Db } from '../../db/schema.ts';
import { decodeTimeCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import type { Secrets } from '../secret/secrets.ts';
import type { FailedMail, FailedMailQuery, LeasedMail, MailData, NewMail } from './mail.ts';
import * as store from './mail-store.ts';

const leaseSeconds = 120;
const firstRetrySeconds = 10;
const maxRetrySeconds = 3_600;
/** While a secret is rolled out, another node may be able to read the data. */
const unreadableRetrySeconds = 60;
/** Counting more would take long. */
const maxCounted = 10_000;

export type MailOutbox = ReturnType<typeof createMailOutbox>;

/**
 * Mails to send. They are stored in the transaction that causes them, and sent after it by any node.
 *
 * @example
 * const outbox = createMailOutbox({ secrets });
 * await outbox.enqueue(tx, { tenantId, recipient: user.email, template: 'password_changed', data: {} });
 * for (const mail of await outbox.lease(db, 8)) await outbox.markSent(db, mail.id);
 */
export function createMailOutbox({ secrets }: { secrets: Secrets }) {
  const wrap = secrets.wrappingKeys('data-wrap');
  let waiting: number | undefined;

  return Object.freeze({
    /**
     * Stores a mail with the transaction: it is sent if that commits.
     *
     * @returns false: there is no mail, because the user was deleted, or got the report of the session or too many in a day
     */
    async enqueue(tx: Db, mail: NewMail): Promise<boolean> {
      const id = randomUUID();
      return store.insertMail(tx, id, mail, wrapBytes(wrap, id, Buffer.from(JSON.stringify(mail.data))));
    },
    /** Takes mails that are due for two minutes. Those that have expired are given up first. */
    async lease(db: Db, limit: number): Promise<readonly LeasedMail[]> {
      await store.expireMails(db);
      const rows = await store.leaseMails(db, { limit, seconds: leaseSeconds });
      const opened = rows.map(async ({ bytes, wrapKid, ...mail }) => {
        const plain = unwrapBytes(wrap, mail.id, { bytes, wrapKid });
        if (plain !== undefined) return [{ ...mail, data: JSON.parse(plain.toString()) as MailData }];
        await store.scheduleRetry(db, mail.id, { failure: 'the secret is missing', seconds: unreadableRetrySeconds });
        return [];
      });
      return (await Promise.all(opened)).flat();
    },
    /** Erases recipient and data. */
    markSent: store.markSent,
    /** The server refused the mail for good. Erases recipient and data. */
    markFailed: store.markFailed,
    /** The mail is tried again later, after a time that doubles with each try. */
    async retry(db: Db, { id, tries }: Pick<LeasedMail, 'id' | 'tries'>, failure: string): Promise<void> {
      const seconds = Math.min(maxRetrySeconds, firstRetrySeconds * 2 ** (tries - 1)) * (0.75 + Math.random() / 2);
      await store.scheduleRetry(db, id, { failure, seconds });
    },
    /** Mails that could not be sent, newest first. @throws invalid_request the cursor */
    async listFailed(db: Db, { tenantId, ...page }: PageRequest & FailedMailQuery): Promise<RowPage<FailedMail>> {
      const query = { tenantId, limit: page.limit + 1, before: decodeTimeCursor(page) };
      const { rows, next } = toPage(await store.listFailedMails(db, query), page, ({ micros, id }) => [micros, id]);
      return { rows: rows.map(({ micros: _, ...mail }) => mail), next };
    },
    /** Counts the mails of all nodes that wait, for {@link MailOutbox.waitingCount}. */
    async countWaiting(db: Db): Promise<void> {
      waiting = await store.countWaitingMails(db, maxCounted);
    },
    /** How many mails waited at the last count, at most 10,000; `undefined` before the first one. */
    waitingCount: () => waiting,
    /** Deletes the mails of a user, those of its one-time tokens, and those to its address that belong to no user. */
    deleteOfUser: store.deleteMailsOfUser,
    deleteOld: store.deleteOldMails,
  });
}
