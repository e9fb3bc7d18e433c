import type { Db } from '../../db/schema.ts';
import { decodeNumberCursor, type PageRequest, toPage } from '../pagination.ts';
import type { AuditRowQuery } from './audit.ts';
import { insertAudit, readAudit } from './audit-store.ts';

const defaultLimit = 50;
const maxRows = 200;

export type Audit = ReturnType<typeof createAudit>;

/**
 * What happened to accounts and sessions, append only; the database refuses to change or delete it.
 *
 * @example
 * await createAudit().record(tx, { action: 'password_changed', userId, detail: { ended: 2 } });
 */
export function createAudit() {
  return Object.freeze({
    /** Inside a transaction it is committed together with the change that it records. */
    record: insertAudit,
    /** Newest first, a page at a time. */
    async list(db: Db, question: AuditRowQuery = {}) {
      const limit = Math.min(Math.max(question.limit ?? defaultLimit, 1), maxRows);
      // One more row shows whether there is another page.
      const read = await readAudit(db, { ...question, limit: limit + 1 });
      const rows = read.slice(0, limit);
      return { rows, cursor: read.length > limit ? rows.at(-1)!.id : null };
    },
    /** Returns a page of rows, newest first. @throws invalid_request the cursor */
    async page(db: Db, asked: Omit<AuditRowQuery, 'before'> & PageRequest) {
      const read = await readAudit(db, { ...asked, before: decodeNumberCursor(asked), limit: asked.limit + 1 });
      return toPage(read, asked, ({ id }) => [String(id)]);
    },
  });
}
