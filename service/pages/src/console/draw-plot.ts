import UPlot from 'uplot';
import { formatClockTime, formatCount } from '../words/formats.ts';

interface PlotSeries {
  readonly label: string;
  /** `null`: a gap. */
  readonly values: readonly (number | null)[];
  /** A variable of the style sheet. */
  readonly colour: '--accent' | '--waiting';
  readonly isBars?: boolean;
}

export interface PlotData {
  /** ISO 8601, one for each value. */
  readonly times: readonly string[];
  readonly series: readonly PlotSeries[];
}

const height = 170;
const steps = [1, 2, 5]
  .flatMap((step) => Array.from({ length: 9 }, (_, power) => step * 10 ** power))
  .sort((a, b) => a - b);

/** An element whose style has the colours. */
const modes = ['(prefers-color-scheme: dark)', '(forced-colors: active)'];

/** Draws into an element, in the colours of its style. Returns functions that draw other data, and that end the plot. */
export function drawPlot(element: HTMLElement, first: PlotData) {
  let data = first;
  let chart = make(element, data);
  const draw = (): void => {
    chart.destroy();
    chart = make(element, data);
  };
  const sizes = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }));
  const queries = modes.map((mode) => window.matchMedia(mode));
  sizes.observe(element);
  for (const query of queries) query.addEventListener('change', draw);
  return {
    show(next: PlotData): void {
      data = next;
      chart.setData(toColumns(next));
    },
    stop(): void {
      sizes.disconnect();
      for (const query of queries) query.removeEventListener('change', draw);
      chart.destroy();
    },
  };
}

function make(element: HTMLElement, data: PlotData): UPlot {
  const [text, line] = [colourOf(element, '--soft'), colourOf(element, '--line')];
  const axis = { stroke: text, grid: { stroke: line, width: 1 }, ticks: { show: false }, font: '12px system-ui' };
  const options: UPlot.Options = {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
    axes: [
      {
        ...axis,
        size: 28,
        values: (_, seconds) => seconds.map((at) => formatClockTime(new Date(at * 1_000).toISOString())),
      },
      { ...axis, incrs: steps, size: 56, values: (_, counts) => counts.map(formatCount) },
    ],
    series: [{}, ...data.series.map((one) => toSeries(one, element))],
  };
  return new UPlot(options, toColumns(data), element);
}

function toSeries({ isBars = false, colour }: PlotSeries, element: HTMLElement): UPlot.Series {
  const stroke = colourOf(element, colour);
  if (!isBars) return { stroke, width: 2.5, points: { show: true, size: 6, fill: stroke, filter: isolatedPoints } };
  const paths = UPlot.paths.bars?.({ size: [0.7] });
  return { stroke, fill: stroke, width: 0, points: { show: false }, ...(paths === undefined ? {} : { paths }) };
}

/** A value between two gaps has no line, so that only its point shows it. */
function isolatedPoints({ data }: UPlot, index: number): number[] {
  const values = data[index] ?? [];
  return [...values.keys()].filter((at) => values[at] != null && values[at - 1] == null && values[at + 1] == null);
}

function toColumns({ times, series }: PlotData): UPlot.AlignedData {
  const seconds = times.map((at) => Date.parse(at) / 1_000);
  return [seconds, ...series.map(({ values }) => [...values])];
}

/** The colour as the canvas understands it: a variable of the style sheet may be a mixture, or a colour of the system. */
function colourOf(element: HTMLElement, variable: string): string {
  const probe = element.appendChild(document.createElement('span'));
  probe.style.color = `var(${variable})`;
  probe.style.setProperty('forced-color-adjust', 'none');
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
