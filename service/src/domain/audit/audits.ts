import type { Db } from '../../db/schema.ts';
import { decodeNumberCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import type { AuditEntry, AuditPage, AuditRow, AuditRowQuery } from './audit.ts';
import { insertAudit, readAudit } from './audit-store.ts';

const defaultLimit = 50;
const maxRows = 200;

/** What happened to accounts and sessions, append only; the database refuses to change or delete it. */
export interface Audit {
  /** Inside a transaction it is committed together with the change that it records. */
  record(db: Db, entry: AuditEntry): Promise<void>;
  /** Newest first, a page at a time. */
  list(db: Db, question?: AuditRowQuery): Promise<AuditPage>;
  /** Returns a page of rows, newest first. @throws invalid_request the cursor */
  page(db: Db, asked: Omit<AuditRowQuery, 'before'> & PageRequest): Promise<RowPage<AuditRow>>;
}

/**
 * @example
 * await createAudit().record(tx, { action: 'password_changed', userId, detail: { ended: 2 } });
 */
export function createAudit(): Audit {
  return Object.freeze({
    record: insertAudit,
    async list(db: Db, question: AuditRowQuery = {}) {
      const limit = Math.min(Math.max(question.limit ?? defaultLimit, 1), maxRows);
      // One more row shows whether there is another page.
      const read = await readAudit(db, { ...question, limit: limit + 1 });
      const rows = read.slice(0, limit);
      return { rows, cursor: read.length > limit ? rows.at(-1)!.id : null };
    },
    async page(db: Db, asked: Omit<AuditRowQuery, 'before'> & PageRequest) {
      const read = await readAudit(db, { ...asked, before: decodeNumberCursor(asked), limit: asked.limit + 1 });
      return toPage(read, asked, ({ id }) => [String(id)]);
    },
  });
}
