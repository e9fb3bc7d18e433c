import { words } from '../words/words.ts';
import { type Bar, chartHeight, chartWidth } from './chart-geometry.ts';

interface PlotProps {
  /** Distinguishes the plot on the page. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly barsLabel?: string;
  readonly bars?: readonly Bar[];
  readonly linesLabel: string;
  /** Points of polylines. */
  readonly lines: readonly string[];
  /** The number at the top of the scale, in words. */
  readonly top: string;
  /** Where the scale of time begins. */
  readonly begin: string;
}

/** An image with legend and scale. Its title and description are for screen readers. */
export function Plot({ name, title, description, barsLabel, bars = [], linesLabel, lines, top, begin }: PlotProps) {
  return (
    <div class={barsLabel === undefined ? 'plot of-lines' : 'plot'}>
      <p class="legend" aria-hidden="true">
        {barsLabel !== undefined && <span class="is-bar">{barsLabel}</span>}
        <span class="is-line">{linesLabel}</span>
      </p>
      <p class="chart-scale" aria-hidden="true">
        {top}
      </p>
      <svg
        viewBox={`0 -8 ${chartWidth} ${chartHeight + 16}`}
        preserveAspectRatio="none"
        class="chart"
        role="img"
        aria-labelledby={`${name}-title`}
        aria-describedby={`${name}-description`}
      >
        <title id={`${name}-title`}>{title}</title>
        <desc id={`${name}-description`}>{description}</desc>
        {[0, 0.5, 1].map((part) => (
          <line key={part} class="grid" x1={0} x2={chartWidth} y1={chartHeight * part} y2={chartHeight * part} />
        ))}
        {bars.map((bar) => (
          <rect key={bar.x} class="bar" {...bar} />
        ))}
        {lines.map((points) => (
          <polyline key={points} class="line" points={points} />
        ))}
      </svg>
      <p class="chart-scale" aria-hidden="true">
        <span>{begin}</span>
        <span>{words().numbers.now}</span>
      </p>
    </div>
  );
}
