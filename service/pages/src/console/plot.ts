import { element, setText } from '../element.ts';
import { type Bar, chartHeight, chartWidth } from './chart-geometry.ts';

/** What a plot shows: bars and lines in units of its view box, and the same in words. */
interface PlotData {
  readonly bars: readonly Bar[];
  /** Points of polylines. */
  readonly lines: readonly string[];
  /** The number at the top of the scale, in words. */
  readonly top: string;
  /** Where the scale of time begins. */
  readonly begin: string;
  readonly description: string;
}

interface Plot {
  readonly node: HTMLElement;
  show(drawing: PlotData): void;
}

interface PlotOptions {
  /** Distinguishes the plot on the page. */
  readonly name: string;
  readonly title: string;
  /** Legend of the bars and the lines, in this order. A plot without bars has no entry for them. */
  readonly legend: Readonly<{ bars?: string; lines: string }>;
}

function svgElement<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

const gridLines = () =>
  [0, 0.5, 1].map((part) =>
    svgElement('line', { class: 'grid', x1: 0, x2: chartWidth, y1: chartHeight * part, y2: chartHeight * part }),
  );

/** An image with legend and scale. Its title and description are for screen readers. */
export function createPlot({ name, title, legend }: PlotOptions): Plot {
  const description = svgElement('desc', { id: `${name}-description` });
  const marks = svgElement('g');
  const picture = svgElement(
    'svg',
    {
      viewBox: `0 -8 ${chartWidth} ${chartHeight + 16}`,
      preserveAspectRatio: 'none',
      class: 'chart',
      role: 'img',
      'aria-labelledby': `${name}-title`,
      'aria-describedby': `${name}-description`,
    },
    svgElement('title', { id: `${name}-title` }, title),
    description,
    svgElement('g', {}, ...gridLines()),
    marks,
  );
  const top = element('span');
  const begin = element('span');
  return Object.freeze({
    node: element(
      'div',
      { class: legend.bars === undefined ? 'plot of-lines' : 'plot' },
      element(
        'p',
        { class: 'legend', 'aria-hidden': 'true' },
        legend.bars === undefined ? undefined : element('span', { class: 'is-bar' }, legend.bars),
        element('span', { class: 'is-line' }, legend.lines),
      ),
      element('p', { class: 'chart-scale', 'aria-hidden': 'true' }, top),
      picture as unknown as HTMLElement,
      element('p', { class: 'chart-scale', 'aria-hidden': 'true' }, begin, element('span', {}, 'now')),
    ),
    show(drawing: PlotData) {
      description.textContent = drawing.description;
      setText(top, drawing.top);
      setText(begin, drawing.begin);
      marks.replaceChildren(
        ...drawing.bars.map((bar) => svgElement('rect', { class: 'bar', ...bar })),
        ...drawing.lines.map((points) => svgElement('polyline', { class: 'line', points })),
      );
    },
  });
}
