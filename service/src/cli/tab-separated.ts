/** Columns of a list, where they are there. The others are shown by `show` and `--json`. */
const columns = ['id', 'tenant_id', 'email', 'name', 'operator', 'registration_open', 'disabled_at', 'created_at'];

/**
 * An answer as text: a list with one row a line and columns by tabs, anything else with one member a line.
 *
 * @example
 * toTabSeparated({ id: 'shop', name: 'Shop' }); // 'id\tshop\nname\tShop\n'
 */
export function toTabSeparated(answer: unknown): string {
  const lines = Array.isArray(answer) ? toRows(answer) : Object.entries(Object(answer));
  return lines.map((cells: readonly unknown[]) => `${cells.map(toCell).join('\t')}\n`).join('');
}

function toRows(rows: readonly object[]): unknown[][] {
  const [first] = rows;
  if (first === undefined) return [];
  const shown = columns.filter((name) => Object.hasOwn(first, name));
  return [shown, ...rows.map((row) => shown.map((name) => row[name as keyof typeof row]))];
}

/** Without tabs, line ends and other control characters, which would make other cells or hide text. */
function toCell(value: unknown): string {
  if (value === null || value === undefined) return '-';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text.replaceAll(/\p{C}/gu, ' ');
}
