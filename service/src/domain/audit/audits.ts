import { numberOf, type Page, type PageAsked, pageOf } from '../../db/page.ts';
import type { Db } from '../../db/schema.ts';
import type { AuditEntry, AuditPage, AuditQuestion, AuditRow } from './audit.ts';
import { insertAudit, readAudit } from './audit-store.ts';

const defaultLimit = 50;
const mostRows = 200;

/** What happened to accounts and sessions, append only; the database refuses to change or delete it. */
export interface Audit {
  /** Inside a transaction it stands or falls with what it tells. */
  record(db: Db, entry: AuditEntry): Promise<void>;
  /** Newest first, a page at a time. */
  list(db: Db, question?: AuditQuestion): Promise<AuditPage>;
  /** The same as other lists are asked. @throws invalid_request the cursor */
  page(db: Db, asked: Omit<AuditQuestion, 'before'> & PageAsked): Promise<Page<AuditRow>>;
}

/**
 * @example
 * await createAudit().record(tx, { action: 'password_changed', userId, detail: { ended: 2 } });
 */
export function createAudit(): Audit {
  return Object.freeze({
    record: insertAudit,
    async list(db: Db, question: AuditQuestion = {}) {
      const limit = Math.min(Math.max(question.limit ?? defaultLimit, 1), mostRows);
      // One row more tells whether there is another page.
      const read = await readAudit(db, { ...question, limit: limit + 1 });
      const rows = read.slice(0, limit);
      return { rows, cursor: read.length > limit ? rows.at(-1)!.id : null };
    },
    async page(db: Db, asked: Omit<AuditQuestion, 'before'> & PageAsked) {
      const read = await readAudit(db, { ...asked, before: numberOf(asked), limit: asked.limit + 1 });
      return pageOf(read, asked, ({ id }) => [String(id)]);
    },
  });
}
