import { randomUUID } from 'node:crypto';
import { unwrapBytes, wrapBytes } from '../../base/wrap.ts';
import type { Db } from '../../db/schema.ts';
import type { Secrets } from '../secret/secrets.ts';
import type { LeasedMail, MailData, MailSummary, NewMail } from './mail.ts';
import * as store from './mail-store.ts';

/** Mails to send. They are stored in the transaction that causes them, and sent after it by any node. */
export interface MailOutbox {
  /** Stores a mail with the transaction: it is sent if that commits. */
  enqueue(tx: Db, mail: NewMail): Promise<void>;
  /** Takes mails that are due for two minutes. Those that have expired are given up first. */
  lease(db: Db, limit: number): Promise<readonly LeasedMail[]>;
  /** Erases recipient and data. */
  markSent(db: Db, id: string): Promise<void>;
  /** The server refused the mail for good. Erases recipient and data. */
  markFailed(db: Db, id: string, failure: string): Promise<void>;
  /** The mail is tried again later, after a time that doubles with each try. */
  retry(db: Db, mail: Pick<LeasedMail, 'id' | 'tries'>, failure: string): Promise<void>;
  listFailed(db: Db, limit: number): Promise<readonly MailSummary[]>;
  deleteOld(db: Db): Promise<number>;
}

const leaseSeconds = 120;
const firstRetrySeconds = 10;
const maxRetrySeconds = 3_600;
/** While a secret is rolled out, another node may be able to read the data. */
const unreadableRetrySeconds = 60;

/**
 * @example
 * const outbox = createMailOutbox({ secrets });
 * await outbox.enqueue(tx, { tenantId, recipient: user.email, template: 'password_changed', data: {} });
 * for (const mail of await outbox.lease(db, 8)) await outbox.markSent(db, mail.id);
 */
export function createMailOutbox({ secrets }: { secrets: Secrets }): MailOutbox {
  const wrap = secrets.wrappingKeys('data-wrap');

  return Object.freeze<MailOutbox>({
    async enqueue(tx, mail) {
      const id = randomUUID();
      await store.insertMail(tx, id, mail, wrapBytes(wrap, id, Buffer.from(JSON.stringify(mail.data))));
    },
    async lease(db, limit) {
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
    markSent: store.markSent,
    markFailed: store.markFailed,
    async retry(db, { id, tries }, failure) {
      const seconds = Math.min(maxRetrySeconds, firstRetrySeconds * 2 ** (tries - 1)) * (0.75 + Math.random() / 2);
      await store.scheduleRetry(db, id, { failure, seconds });
    },
    listFailed: store.listFailedMails,
    deleteOld: store.deleteOldMails,
  });
}
