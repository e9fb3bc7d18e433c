import type { Metric } from './comparison.ts';
import type { Summary } from './summary.ts';

type Column = readonly [head: string, cell: (summary: Summary) => string];

const columns: readonly Column[] = [
  ['row', ({ metric }) => metric.name],
  ['measured', ({ metric, row }) => formatAmount(row.value, metric.unit)],
  ['±', ({ row }) => formatPercent(row.spread)],
  ['CPU', ({ row }) => formatCpu(row.cpuMicros)],
  ['floor', ({ metric, floor }) => `${formatAmount(floor.value, metric.unit)} (${metric.floor})`],
  ['±', ({ floor }) => formatPercent(floor.spread)],
  ['CPU', ({ floor }) => formatCpu(floor.cpuMicros)],
  ['ratio', ({ ratio }) => ratio.toFixed(2)],
  ['± of runs', ({ ratioSpread }) => (ratioSpread === undefined ? '' : formatPercent(ratioSpread))],
  ['goal', ({ metric }) => formatGoal(metric)],
  ['', ({ isGoalMissed }) => (isGoalMissed ? 'missed' : '')],
];

/** Formats a Markdown table with aligned columns. Columns without any content are left out. */
export function formatTable(summaries: readonly Summary[]): string {
  const filled = columns
    .map(([head, cell]) => ({ head, cells: summaries.map(cell) }))
    .filter(({ cells }) => cells.some((text) => text !== ''));
  const padded = filled.map(({ head, cells }) => {
    const width = Math.max(head.length, ...cells.map((text) => text.length));
    return [head.padEnd(width), '-'.repeat(width), ...cells.map((text) => text.padEnd(width))];
  });
  const lines = Array.from({ length: 2 + summaries.length }, (_, line) => padded.map((texts) => texts[line]!));
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function formatGoal({ better, target, bound, unit }: Metric): string {
  const sign = better === 'more' ? '≥' : '≤';
  if (bound !== undefined) return `${sign} ${formatAmount(bound, unit)}`;
  return target === undefined ? '' : `${sign} ${target} ×`;
}

const formatPercent = (fraction: number): string => `${Math.round(100 * fraction)} %`;

const formatCpu = (micros: number | undefined): string => (micros === undefined ? '' : formatAmount(micros, 'µs'));

function formatAmount(value: number, unit: string): string {
  const size = Math.abs(value);
  const maximumFractionDigits = size < 1 ? 2 : size < 100 ? 1 : 0;
  return `${value.toLocaleString('en', { maximumFractionDigits })} ${unit}`;
}
