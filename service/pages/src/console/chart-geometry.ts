export const chartWidth = 600;
export const chartHeight = 140;
const gap = 2;

export interface Bar {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A round number that is at least `most`, and not 0: 1, 2, 5, 10, 20, 50, … */
export function scaleTop(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most) ?? power * 10;
}

/** A bar for each count, in units of the view box; `top` is the number at the top of the scale. */
export function toBars(counts: readonly number[], top: number): Bar[] {
  const step = chartWidth / Math.max(1, counts.length);
  return counts.map((count, index) => {
    const height = (count / top) * chartHeight;
    return { x: index * step + gap / 2, y: chartHeight - height, width: step - gap, height };
  });
}

/** Points of a polyline for each run of counts. `null`, a minute without a count, makes a gap. */
export function toPolylines(counts: readonly (number | null)[], top: number): string[] {
  const step = chartWidth / Math.max(1, counts.length);
  const runs: [x: number, y: number][][] = [[]];
  counts.forEach((count, index) => {
    if (count === null) runs.push([]);
    else runs.at(-1)?.push([(index + 0.5) * step, chartHeight - (count / top) * chartHeight]);
  });
  return runs
    .filter((run) => run.length > 0)
    .map((run) =>
      widenPoint(run, step)
        .map((point) => point.join())
        .join(' '),
    );
}

/** Counts without that of the running minute, which is not over: a line to it would seem to fall. */
export function completeMinutes(counts: readonly number[]): (number | null)[] {
  return counts.map((count, index) => (index === counts.length - 1 ? null : count));
}

/** A point by itself would not be seen: it becomes as wide as its minute. */
function widenPoint(run: readonly [number, number][], step: number): readonly [number, number][] {
  return run.length > 1 ? run : run.flatMap(([x, y]) => [[x - step / 2, y] as [number, number], [x + step / 2, y]]);
}
