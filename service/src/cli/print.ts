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

/**
 * Writes a list of one page at least. As text page by page, so that a reader such as `head` has the first rows at once; as JSON when it is
 * complete, because a document that ends early is none.
 */
export async function printPages(
  { stdout, isJson }: Pick<CommandContext, 'stdout' | 'isJson'>,
  pages: AsyncIterable<readonly object[]>,
  columns: readonly string[],
): Promise<void> {
  const found: object[] = [];
  let head = toLine(columns);
  for await (const rows of pages) {
    if (isJson()) found.push(...rows);
    else await writeText(stdout, `${head}${toLines(rows, columns)}`);
    head = '';
  }
  if (isJson()) await writeText(stdout, toJson(found));
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
  if (Array.isArray(answer)) return `${toLine(columns)}${toLines(answer, columns)}`;
  return Object.entries(Object(answer)).map(toLine).join('');
}

function toLines(rows: readonly object[], columns: readonly string[]): string {
  return rows.map((row) => toLine(columns.map((name) => (row as Record<string, unknown>)[name]))).join('');
}

const toLine = (cells: readonly unknown[]): string => `${cells.map(toCell).join('\t')}\n`;

/** Without tabs, line ends and other control characters, which would make other cells or hide text. */
function toCell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replaceAll(/\p{C}/gu, ' ');
}

/** Writes rows as lines of JSON (NDJSON), and waits while the reader is slower. */
export async function writeJsonLines(output: Output, rows: readonly object[]): Promise<void> {
  if (rows.length > 0) await writeText(output, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

/** Waits while the reader is slower. */
async function writeText(output: Output, text: string): Promise<void> {
  if (!output.write(text)) await once(output as NodeJS.WriteStream, 'drain');
}
