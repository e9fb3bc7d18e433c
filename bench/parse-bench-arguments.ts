import { parseArgs } from 'node:util';

interface BenchArguments {
  /** Names of the rows to measure. Empty: all. */
  readonly names: readonly string[];
  /** How often all of them are measured. */
  readonly runs: number;
}

/**
 * Reads `[row…] [--runs N]`.
 *
 * @throws Error an option or a row does not exist, or N is no whole number above 0; the message names what there is
 */
export function parseBenchArguments(args: readonly string[], rows: readonly string[]): BenchArguments {
  const { positionals: names, values } = parseArgs({
    args: [...args],
    options: { runs: { type: 'string', default: '1' } },
    allowPositionals: true,
  });
  const unknown = names.filter((name) => !rows.includes(name));
  if (unknown.length > 0) throw new Error(`There is no row ${unknown.join(', ')}. Rows: ${rows.join(', ')}.`);
  const { runs } = values;
  if (!/^[1-9]\d{0,2}$/.test(runs)) throw new Error(`--runs needs a whole number from 1 to 999, not ${runs}.`);
  return { names, runs: Number(runs) };
}
