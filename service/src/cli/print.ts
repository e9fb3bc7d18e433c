import type { CommandContext } from './command-context.ts';
import type { Output } from './output.ts';

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
  void stdout.write(isJson() ? toJson(answer) : toTabSeparated(answer, columns));
}

/**
 * Writes a list of one page at least. As text page by page, so that a reader such as `head` has the first rows at once, and no
 * page is read when it has ended; as JSON when it is complete, because a document that ends early is none.
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
    else await stdout.write(`${head}${toLines(rows, columns)}`);
    if (stdout.error() !== undefined) return;
    head = '';
  }
  if (isJson()) await stdout.write(toJson(found));
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

/** Rows as lines of JSON (NDJSON). */
export const toJsonLines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

/** Writes pages as lines of JSON, and reads no page when the output has no reader, or cannot be written. */
export async function writeJsonPages(stdout: Output, pages: AsyncIterable<readonly object[]>): Promise<void> {
  for await (const rows of pages) {
    await stdout.write(toJsonLines(rows));
    if (stdout.error() !== undefined) return;
  }
}

/** Writes what became of a change. It goes to the standard error output where the standard output cannot take it. */
export async function writeResult(
  { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>,
  text: string,
): Promise<void> {
  await stdout.write(text);
  if (stdout.error() !== undefined) await stderr.write(text);
}
