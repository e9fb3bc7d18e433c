import type { Metric, Samples } from './contest.ts';
import { median, spread } from './statistics.ts';

export interface Line {
  readonly name: string;
  readonly cells: readonly string[];
  readonly isMissed: boolean;
}

const heads = ['row', 'measured', '±', 'floor', '±', 'ratio', 'goal', ''];

/** A line of the table for each metric of a contest. The ratio is the median of the rounds' own ratios. */
export function linesOf(metrics: readonly Metric[], { row, floor }: Samples): Line[] {
  return metrics.map((metric, index) => {
    const of = (samples: Samples['row']) => samples.map((sample) => sample[index]!);
    return lineOf(metric, of(row), of(floor));
  });
}

function lineOf(metric: Metric, row: readonly number[], floor: readonly number[]): Line {
  const ratio = median(row.map((value, index) => value / floor[index]!));
  const isMissed = !isReached(metric, median(row), ratio);
  const percent = (values: readonly number[]) => `${Math.round(100 * spread(values))} %`;
  const cells = [
    metric.name,
    amount(median(row), metric.unit),
    percent(row),
    `${amount(median(floor), metric.unit)} (${metric.floor})`,
    percent(floor),
    ratio.toFixed(2),
    goalOf(metric),
    isMissed ? 'missed' : '',
  ];
  return { name: metric.name, cells, isMissed };
}

function isReached({ better, goal, least, most }: Metric, value: number, ratio: number): boolean {
  if (least !== undefined && value < least) return false;
  if (most !== undefined && value > most) return false;
  if (goal === undefined) return true;
  return better === 'more' ? ratio >= goal : ratio <= goal;
}

function goalOf({ better, goal, least, most, unit }: Metric): string {
  if (least !== undefined) return `≥ ${amount(least, unit)}`;
  if (most !== undefined) return `≤ ${amount(most, unit)}`;
  if (goal === undefined) return '';
  return `${better === 'more' ? '≥' : '≤'} ${goal} ×`;
}

function amount(value: number, unit: string): string {
  const digits = Math.abs(value) < 100 ? 1 : 0;
  return `${value.toLocaleString('en', { maximumFractionDigits: digits })} ${unit}`;
}

/** A Markdown table whose columns stand under each other. */
export function render(lines: readonly Line[]): string {
  const rows = [heads, ...lines.map((line) => line.cells)];
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  const text = (cells: readonly string[]) => `| ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [text(heads), rule, ...lines.map((line) => text(line.cells))].join('\n');
}
