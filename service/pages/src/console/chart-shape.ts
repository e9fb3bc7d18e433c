import type { AdminMinute } from '@latchkey/contract';

export const chartWidth = 600;
export const chartHeight = 140;
const gap = 2;

/** The chart as numbers, in units of its view box: bars of rotations, a line of sign-ins, one scale for both. */
export interface ChartShape {
  /** The number at the top of the scale. */
  readonly top: number;
  readonly bars: readonly { readonly x: number; readonly y: number; readonly width: number; readonly height: number }[];
  /** Points of a polyline. */
  readonly line: string;
}

/** A round number that is at least `most`, and not 0: 1, 2, 5, 10, 20, 50, … */
export function topOf(most: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, most)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most) ?? power * 10;
}

export function shapeOf(minutes: readonly AdminMinute[]): ChartShape {
  const top = topOf(Math.max(0, ...minutes.flatMap(({ rotations, logins }) => [rotations, logins])));
  const step = chartWidth / Math.max(1, minutes.length);
  const heightOf = (count: number): number => (count / top) * chartHeight;
  return {
    top,
    bars: minutes.map(({ rotations }, index) => {
      const height = heightOf(rotations);
      return { x: index * step + gap / 2, y: chartHeight - height, width: step - gap, height };
    }),
    line: minutes.map(({ logins }, index) => `${(index + 0.5) * step},${chartHeight - heightOf(logins)}`).join(' '),
  };
}
