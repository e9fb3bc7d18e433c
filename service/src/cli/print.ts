import { once } from 'node:events';
import type { CommandContext, Output } from './command-context.ts';

/**
 * Writes the answer of a command to the standard output: as JSON with `--json`, else as text.
 *
 * @param columns of a list; the others are shown by `show` and `--json`
 */
export function printAnswer(
  { stdout, isJson }: Pick<CommandContext, 'stdout' | 'isJson'>,
  answer: unknown,
  columns: readonly string[] = [],
): void {
  stdout.write(isJson() ? toJson(answer) : toTabSeparated(answer, columns));
}

/** A document of JSON, indented. */
export const toJson = (answer: unknown): string => `${JSON.stringify(answer, null, 2)}\n`;

/**
 * An answer as text: a list with a line of names, one row a line and cells separated by tabs, anything else with one
 * member a line.
 *
 * @example
 * toTabSeparated({ id: 'shop', name: 'Shop' }); // 'id\tshop\nname\tShop\n'
 */
export function toTabSeparated(answer: unknown, columns: readonly string[] = []): string {
  const lines = Array.isArray(answer)
    ? [columns, ...answer.map((row: Record<string, unknown>) => columns.map((name) => row[name]))]
    : Object.entries(Object(answer));
  return lines.map((cells: readonly unknown[]) => `${cells.map(toCell).join('\t')}\n`).join('');
}

/** Without tabs, line ends and other control characters, which would make other cells or hide text. */
function toCell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replaceAll(/\p{C}/gu, ' ');
}

/** Writes rows as lines of JSON (NDJSON), and waits while the reader is slower. */
export async function writeJsonLines(output: Output, rows: readonly object[]): Promise<void> {
  if (rows.length === 0) return;
  const isTaken = output.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  if (!isTaken) await once(output as NodeJS.WriteStream, 'drain');
}
