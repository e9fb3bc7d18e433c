import { useEffect, useRef } from 'preact/hooks';
import type { drawPlot, PlotData } from './draw-plot.ts';

interface PlotProps extends PlotData {
  /** Distinguishes the plot on the page. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

/** A chart with its legend, and what it shows in a sentence. */
export function Plot({ name, title, description, times, series }: PlotProps) {
  const node = useRef<HTMLDivElement>(null);
  const drawn = useRef<ReturnType<typeof drawPlot> | undefined>(undefined);
  const data = useRef<PlotData>({ times, series });
  data.current = { times, series };
  useEffect(() => {
    let isClosed = false;
    // The library reads the language of the browser when it is loaded, and no other page needs it.
    import('./draw-plot.ts').then(
      ({ drawPlot: draw }) => {
        if (!isClosed && node.current !== null) drawn.current = draw(node.current, data.current);
      },
      () => {},
    );
    return () => {
      isClosed = true;
      drawn.current?.stop();
    };
  }, []);
  useEffect(() => drawn.current?.show(data.current), [times, series]);
  return (
    <div class="plot">
      <p class="legend" aria-hidden="true">
        {series.map(({ label, isBars = false }) => (
          <span key={label} class={isBars ? 'is-bar' : 'is-line'}>
            {label}
          </span>
        ))}
      </p>
      <div class="chart" role="img" aria-label={title} aria-describedby={`${name}-description`} ref={node} />
      <p class="hint" id={`${name}-description`}>
        {description}
      </p>
    </div>
  );
}
