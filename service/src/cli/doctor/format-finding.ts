import type { NamedFinding } from './run-checks.ts';

const outcomeWidth = 'warning'.length;
const checkWidth = 'credentials'.length;

/**
 * A finding as text: one line, and a line with the remedy.
 *
 * @example
 * formatFinding({ check: 'database', outcome: 'ok', message: 'PostgreSQL answers at db:5432' });
 * // 'ok       database     PostgreSQL answers at db:5432\n'
 */
export function formatFinding({ outcome, check, message, remedy }: NamedFinding): string {
  const start = `${outcome.padEnd(outcomeWidth)}  ${check.padEnd(checkWidth)}  `;
  const lines = [`${start}${message}`, ...(remedy === undefined ? [] : [`${' '.repeat(start.length)}→ ${remedy}`])];
  return lines.map((line) => `${line}\n`).join('');
}
