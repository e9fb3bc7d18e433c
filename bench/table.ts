import type { Metric, Samples } from './comparison.ts';
import { median, spread } from './statistics.ts';

export interface TableRow {
  readonly name: string;
  readonly cells: readonly string[];
  readonly isTargetMissed: boolean;
}

const heads = ['row', 'measured', '±', 'floor', '±', 'ratio', 'goal', ''];

/** Returns a row of the table for each metric. The ratio is the median of the rounds' own ratios. */
export function toTableRows(metrics: readonly Metric[], { row, floor }: Samples): TableRow[] {
  return metrics.map((metric, index) => {
    const of = (samples: Samples['row']) => samples.map((sample) => sample[index]!);
    return toTableRow(metric, of(row), of(floor));
  });
}

function toTableRow(metric: Metric, row: readonly number[], floor: readonly number[]): TableRow {
  const ratio = median(row.map((value, index) => value / floor[index]!));
  const isTargetMissed = !isTargetMet(metric, median(row), ratio);
  const percent = (values: readonly number[]) => `${Math.round(100 * spread(values))} %`;
  const cells = [
    metric.name,
    formatAmount(median(row), metric.unit),
    percent(row),
    `${formatAmount(median(floor), metric.unit)} (${metric.floor})`,
    percent(floor),
    ratio.toFixed(2),
    formatTarget(metric),
    isTargetMissed ? 'missed' : '',
  ];
  return { name: metric.name, cells, isTargetMissed };
}

function isTargetMet({ better, target, min, max }: Metric, value: number, ratio: number): boolean {
  if (min !== undefined && value < min) return false;
  if (max !== undefined && value > max) return false;
  if (target === undefined) return true;
  return better === 'more' ? ratio >= target : ratio <= target;
}

function formatTarget({ better, target, min, max, unit }: Metric): string {
  if (min !== undefined) return `≥ ${formatAmount(min, unit)}`;
  if (max !== undefined) return `≤ ${formatAmount(max, unit)}`;
  if (target === undefined) return '';
  return `${better === 'more' ? '≥' : '≤'} ${target} ×`;
}

function formatAmount(value: number, unit: string): string {
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`;
}

/** Formats a Markdown table with aligned columns. */
export function render(lines: readonly TableRow[]): string {
  const rows = [heads, ...lines.map((line) => line.cells)];
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const text = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [text(heads), rule, ...lines.map((line) => text(line.cells))].join('\n');
}
