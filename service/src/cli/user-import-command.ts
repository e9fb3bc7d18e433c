import { once } from 'node:events';
import { fail } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { exactNumberRule, hasExactNumbers } from '../base/exact-numbers.ts';
import type { Config } from '../config/config.ts';
import { countOutcomes, type ImportOutcome } from '../domain/user/transfer/user-import.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { parseArguments } from './parse-arguments.ts';
import { type Line, readLines } from './read-lines.ts';
import { type TransferTarget, withTransferTarget } from './user-transfer.ts';

/** Longest line, in bytes. */
const maxLineBytes = 65_536;
/** Bytes of the lines of one piece. */
const maxPieceBytes = 262_144;

/** Where reports are written: standard output. */
export type Output = Pick<NodeJS.WriteStream, 'write' | 'once'>;

interface ImportSettings {
  readonly tenantId: string;
  readonly dryRun: boolean;
  readonly allowWeakHashes: boolean;
}

type Reported = ImportOutcome & { readonly line: number };

/**
 * `user import FILE.ndjson [--tenant t] [--dry-run] [--allow-weak-hashes]`: one user a line. Writes a line for each user,
 * in their order, and the counts as the last one.
 *
 * @returns whether every line was valid
 * @throws invalid_request unknown arguments · tenant_unknown
 */
export async function runImportCommand(
  words: readonly string[],
  deps: { readonly config: Config; readonly log: ServiceLogger; readonly clock: Clock; readonly output: Output },
): Promise<boolean> {
  const { positionals, options } = parseArguments(words, ['tenant'], ['dry-run', 'allow-weak-hashes']);
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0)
    throw fail('invalid_request', { message: 'Say user import <file>, with one user a line.' });
  const settings = {
    tenantId: options.tenant ?? 'default',
    dryRun: 'dry-run' in options,
    allowWeakHashes: 'allow-weak-hashes' in options,
  };
  const total = { created: 0, exists: 0, invalid: 0 };
  await withTransferTarget(deps.config, deps.log, deps.clock, async (target) => {
    await target.findTenant(settings.tenantId);
    for await (const lines of piecesOf(readLines(file, maxLineBytes), target.maxRows)) {
      const reported = await importLines(target, lines, settings);
      for (const [name, count] of Object.entries(countOutcomes(reported))) total[name as keyof typeof total] += count;
      await write(deps.output, reported);
    }
  });
  await write(deps.output, [settings.dryRun ? { ...total, dry_run: true } : total]);
  return total.invalid === 0;
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
  target: TransferTarget,
  lines: readonly Line[],
  settings: ImportSettings,
): Promise<Reported[]> {
  const parsed = lines.map(parseLine);
  const rows = parsed.flatMap((one) => ('row' in one ? [one.row] : []));
  const outcomes = rows.length === 0 ? [] : [...(await target.importChunk({ ...settings, rows }))];
  return parsed.map((one, at) => ({ line: lines[at]!.number, ...('row' in one ? outcomes.shift()! : one) }));
}

type Invalid = ImportOutcome & { readonly outcome: 'invalid' };

const invalidLine = (message: string): Invalid => ({ outcome: 'invalid', details: [{ path: '', message }] });

function parseLine({ number, text }: Line): { readonly row: unknown } | Invalid {
  if (text === undefined) return invalidLine(`This has more than ${maxLineBytes} bytes in one row.`);
  try {
    const row: unknown = JSON.parse(number === 1 ? text.replace(/^\ufeff/, '') : text);
    return hasExactNumbers(text) ? { row } : invalidLine(exactNumberRule);
  } catch {
    return invalidLine('This is no JSON.');
  }
}

/** Writes lines of JSON, and waits while the reader is slower. */
export async function write(output: Output, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const isTaken = output.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  if (!isTaken) await once(output as NodeJS.WriteStream, 'drain');
}
