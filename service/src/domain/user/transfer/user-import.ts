import { Failure } from '@latchkey/contract';
import type { InvalidField } from '@latchkey/contract/schemas';
import { RepeatedMember, toRepeatedField } from '../../../base/repeated-members.ts';
import type { Db } from '../../../db/schema.ts';
import { type TransactionBounds, withTransaction } from '../../../db/transaction.ts';
import type { AuditEntry } from '../../audit/audit.ts';
import type { Audit } from '../../audit/audits.ts';
import { type PreparedImport, parseImportRow } from './import-row.ts';
import { insertImported, readOccupants } from './import-store.ts';

/** Users of one tenant. */
export interface ImportChunk {
  readonly tenantId: string;
  /** As they were given. Each is judged by itself. A {@link RepeatedMember} is invalid. */
  readonly rows: readonly unknown[];
  /** Stores nothing. */
  readonly dryRun: boolean;
  /** Lines beside the rows that are no rows. They have no outcome; the audit counts them as invalid. Default: 0. */
  readonly refused?: number;
  /** Takes digests without a work factor, such as MD5. */
  readonly allowWeakHashes: boolean;
}

/** What became of a row. `exists`: the user `id` has the address, the external id or the id; nothing was changed. */
export type ImportOutcome =
  | { readonly outcome: 'created' | 'exists'; readonly id: string }
  | { readonly outcome: 'invalid'; readonly details: readonly InvalidField[] };

type ImportCounts = Readonly<Record<ImportOutcome['outcome'], number>>;

/** The most rows of one transaction. */
export const maxImportRows = 500;

/** Ends the transaction of a dry run. */
class DryRunEnd extends Error {
  readonly outcomes: readonly ImportOutcome[];
  constructor(outcomes: readonly ImportOutcome[]) {
    super('dry run');
    this.outcomes = outcomes;
  }
}

/**
 * Stores the users of a chunk in one transaction, with a row of the audit. A row that is invalid, or whose user exists,
 * does not affect the others.
 *
 * @returns an outcome for each row, in their order
 * @throws tenant_unknown · unavailable the deadline has passed
 * @example
 * await importUsers({ db, audit }, { tenantId: 'default', rows: [{ email: 'ann@example.org' }], dryRun: false, allowWeakHashes: false }, {});
 */
export async function importUsers(
  { db, audit }: { readonly db: Db; readonly audit: Pick<Audit, 'record'> },
  chunk: ImportChunk,
  by: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
  bounds?: TransactionBounds,
): Promise<readonly ImportOutcome[]> {
  const parsed = chunk.rows.map((row) => parseRow(row, chunk));
  try {
    return await withTransaction(
      db,
      async ({ tx }) => {
        const outcomes = await storeImport(tx, chunk.tenantId, parsed);
        if (chunk.dryRun) throw new DryRunEnd(outcomes);
        const counts = countOutcomes(outcomes);
        const { tenantId, refused = 0 } = chunk;
        const detail = { ...by.detail, ...counts, invalid: counts.invalid + refused };
        if (counts.created > 0) await audit.record(tx, { ...by, action: 'users_imported', tenantId, detail });
        return outcomes;
      },
      bounds,
    );
  } catch (error) {
    if (error instanceof DryRunEnd) return error.outcomes;
    throw error;
  }
}

export function countOutcomes(outcomes: readonly ImportOutcome[]): ImportCounts {
  const count = (name: ImportOutcome['outcome']) => outcomes.filter(({ outcome }) => outcome === name).length;
  return { created: count('created'), exists: count('exists'), invalid: count('invalid') };
}

type ParsedRow = PreparedImport | (ImportOutcome & { readonly outcome: 'invalid' });

const isPrepared = (row: ParsedRow): row is PreparedImport => !('outcome' in row);

function parseRow(row: unknown, options: ImportChunk): ParsedRow {
  if (row instanceof RepeatedMember) return { outcome: 'invalid', details: [toRepeatedField(row.path)] };
  try {
    return parseImportRow(row, options);
  } catch (error) {
    if (!(error instanceof Failure && error.code === 'invalid_request')) throw error;
    return { outcome: 'invalid', details: error.details ?? [] };
  }
}

/** Stores the rows that are valid; an outcome for each, in their order. */
export async function storeImport(
  tx: Db,
  tenantId: string,
  parsed: readonly ParsedRow[],
): Promise<readonly ImportOutcome[]> {
  const prepared = parsed.filter(isPrepared);
  const created = await insertImported(
    tx,
    tenantId,
    await withoutOtherSpellings(tx, tenantId, withoutRepeatedIds(prepared)),
  );
  const others = prepared.filter(({ id }) => !created.has(id));
  const findOccupant = await readOccupants(tx, tenantId, others);
  const seen = new Set<string>();
  return parsed.map((row) => {
    if (!isPrepared(row)) return row;
    const isFirst = !seen.has(row.id);
    seen.add(row.id);
    if (created.has(row.id)) return { outcome: isFirst ? 'created' : 'exists', id: row.id };
    const occupant = findOccupant(row);
    if (occupant === undefined) return lookAlike;
    return occupant.isOutside ? idTaken : { outcome: 'exists', id: occupant.id };
  });
}

/** Without rows whose mailbox an older account has under another key. The constraints of the table see equal keys alone. */
async function withoutOtherSpellings(
  tx: Db,
  tenantId: string,
  rows: readonly PreparedImport[],
): Promise<PreparedImport[]> {
  const several = rows.filter(({ keys }) => keys.length > 1);
  const findOccupant = await readOccupants(tx, tenantId, several);
  return rows.filter((row) => row.keys.length <= 1 || findOccupant(row) === undefined);
}

const lookAlike = {
  outcome: 'invalid',
  details: [{ path: 'email', message: 'There is an account with an address that looks the same.' }],
} as const;

/** One answer for both, so that it does not say whether another tenant has a user with the id. */
const idTaken = {
  outcome: 'invalid',
  details: [{ path: 'id', message: 'The id is of a deleted user, or of one of another tenant. Leave it out.' }],
} as const;

/** The first row of each id. */
function withoutRepeatedIds(rows: readonly PreparedImport[]): PreparedImport[] {
  return [...new Map(rows.toReversed().map((row) => [row.id, row])).values()].toReversed();
}
