import type { Command } from 'commander';
import { exactNumberRule, hasExactNumbers } from '../base/exact-numbers.ts';
import { findRepeatedMembers, toRepeatedField } from '../base/repeated-members.ts';
import { countOutcomes, type ImportOutcome } from '../domain/user/transfer/user-import.ts';
import { type CommandContext, CommandFailure } from './command-context.ts';
import { tenantOption, withExample } from './define.ts';
import { type Owner, withOwner } from './owner.ts';
import { toJsonLines, writeResult } from './print.ts';
import { type Line, readLines } from './read-lines.ts';

/** Longest line, in bytes. */
const maxLineBytes = 65_536;
/** Bytes of the lines of one piece. */
const maxPieceBytes = 262_144;

interface ImportOptions {
  readonly tenant: string;
  readonly dryRun?: boolean;
  readonly allowWeakHashes?: boolean;
}

type Reported = ImportOutcome & { readonly line: number };

/** Adds `user import`. */
export function addUserImport(user: Command, context: CommandContext): void {
  withExample(
    user
      .command('import')
      .description('Stores users of another system, one a line as JSON, and writes what became of each.')
      .argument('<file>', 'lines of JSON (NDJSON)')
      .addOption(tenantOption())
      .option('--dry-run', 'stores nothing')
      .option('--allow-weak-hashes', 'takes digests without a work factor (MD5, SHA)')
      .action((file: string, options: ImportOptions) => importFile(context, file, options)),
    'user import users.ndjson --tenant shop --dry-run',
  );
}

/**
 * Writes a line for each user, in their order, and the counts as the last one. Users are stored also when the output has no
 * reader any more.
 *
 * @throws tenant_unknown · CommandFailure a line was invalid
 */
async function importFile(context: CommandContext, file: string, options: ImportOptions): Promise<void> {
  const { stdout } = context;
  const total = { created: 0, exists: 0, invalid: 0 };
  await withOwner(context, async (owner) => {
    await owner.findTenant(options.tenant);
    for await (const lines of piecesOf(readLines(file, maxLineBytes), owner.maxImportRows)) {
      const reported = await importLines(owner, lines, options);
      for (const [name, count] of Object.entries(countOutcomes(reported))) total[name as keyof typeof total] += count;
      await stdout.write(toJsonLines(reported));
    }
  });
  await writeResult(context, toJsonLines([options.dryRun ? { ...total, dry_run: true } : total]));
  if (total.invalid > 0) throw new CommandFailure(`Lines that are no users: ${total.invalid}.`);
}

/** Lines that fit into one piece; empty ones are left out. */
async function* piecesOf(lines: AsyncIterable<Line>, maxRows: number): AsyncGenerator<Line[], void> {
  let piece: Line[] = [];
  let bytes = 0;
  for await (const line of lines) {
    if (line.text?.trim() === '') continue;
    piece.push(line);
    bytes += line.text?.length ?? 0;
    if (piece.length < maxRows && bytes < maxPieceBytes) continue;
    yield piece;
    [piece, bytes] = [[], 0];
  }
  if (piece.length > 0) yield piece;
}

async function importLines(
  owner: Owner,
  lines: readonly Line[],
  { tenant: tenantId, dryRun = false, allowWeakHashes = false }: ImportOptions,
): Promise<Reported[]> {
  const parsed = lines.map(parseLine);
  const rows = parsed.flatMap((one) => ('row' in one ? [one.row] : []));
  const chunk = { tenantId, dryRun, allowWeakHashes, rows, refused: lines.length - rows.length };
  const outcomes = rows.length === 0 ? [] : [...(await owner.importChunk(chunk))];
  return parsed.map((one, at) => ({ line: lines[at]!.number, ...('row' in one ? outcomes.shift()! : one) }));
}

type Invalid = ImportOutcome & { readonly outcome: 'invalid' };

const invalidLine = (message: string): Invalid => ({ outcome: 'invalid', details: [{ path: '', message }] });

function parseLine({ number, text }: Line): { readonly row: unknown } | Invalid {
  if (text === undefined) return invalidLine(`This has more than ${maxLineBytes} bytes in one row, or is no UTF-8.`);
  try {
    const row: unknown = JSON.parse(number === 1 ? text.replace(/^\ufeff/, '') : text);
    if (!hasExactNumbers(text)) return invalidLine(exactNumberRule);
    const repeated = findRepeatedMembers(text).next().value;
    return repeated === undefined ? { row } : { outcome: 'invalid', details: [toRepeatedField(repeated)] };
  } catch {
    return invalidLine('This is no JSON.');
  }
}
