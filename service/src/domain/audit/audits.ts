import { fail } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import { withTransaction } from '../../db/transaction.ts';
import { decodeNumberCursor, type PageRequest, toPage } from '../pagination.ts';
import type { AuditRowQuery } from './audit.ts';
import { insertAudit, pruneAudit, readAudit } from './audit-store.ts';

const defaultLimit = 50;
const maxRows = 200;
/** Entries that one transaction deletes, so that it takes well below the limit of a statement. */
const pruneBatch = 5_000;
/** Entries of the last seven days are kept: notices and the activity of accounts are made from them. */
const minAgeMs = 7 * 86_400_000;

export type Audit = ReturnType<typeof createAudit>;

/**
 * What happened to accounts and sessions, append only; the database refuses to change or delete an entry, but for
 * {@link Audit.prune}.
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
    /**
     * Deletes the entries from before `until`, the oldest first. Each transaction deletes at most 5,000, and leaves an entry
     * `audit_pruned` of who, until when and how many.
     *
     * @param now of the database, in epoch ms
     * @returns how many
     * @throws invalid_request `until` is within the last seven days
     */
    async prune(db: Db, { until, by, now }: { readonly until: Date; readonly by: string; readonly now: number }) {
      if (until.getTime() > now - minAgeMs)
        throw fail('invalid_request', { message: 'Entries of the last seven days are kept.' });
      let total = 0;
      for (let pruned = pruneBatch; pruned === pruneBatch; total += pruned)
        pruned = await withTransaction(db, ({ tx }) => pruneOnce(tx, until, by));
      return total;
    },
    /** Returns a page of rows, newest first. @throws invalid_request the cursor */
    async page(db: Db, request: Omit<AuditRowQuery, 'before'> & PageRequest) {
      const read = await readAudit(db, { ...request, before: decodeNumberCursor(request), limit: request.limit + 1 });
      return toPage(read, request, ({ id }) => [String(id)]);
    },
  });
}

async function pruneOnce(tx: Db, until: Date, by: string): Promise<number> {
  const pruned = await pruneAudit(tx, until, pruneBatch);
  if (pruned > 0)
    await insertAudit(tx, { action: 'audit_pruned', detail: { by, until: until.toISOString(), rows: pruned } });
  return pruned;
}
