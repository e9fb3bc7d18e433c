import type { AdminMinute } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import { chartHeight, chartWidth, shapeOf } from './chart-shape.ts';

export interface Chart {
  readonly node: HTMLElement;
  show(minutes: readonly AdminMinute[]): void;
}

function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>> = {},
  ...children: readonly (Node | string)[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...children);
  return made;
}

function clockOf(iso: string): string {
  return new Date(iso).toLocaleTimeString('en', { hour: '2-digit', minute: '2-digit', hour12: false });
}

/** The chart in one sentence, for whoever does not see it. */
export function sentenceOf(minutes: readonly AdminMinute[]): string {
  const sum = (name: 'rotations' | 'logins'): number => minutes.reduce((all, minute) => all + minute[name], 0);
  return `${sum('rotations')} tokens were replaced and ${sum('logins')} sign-ins made in the last hour.`;
}

/** Replaced tokens and sign-ins by the minute: a picture, a sentence, and the same as a table. */
export function createChart(): Chart {
  const description = draw('desc', { id: 'chart-description' });
  const plot = draw('g');
  const picture = draw(
    'svg',
    {
      viewBox: `0 -8 ${chartWidth} ${chartHeight + 16}`,
      preserveAspectRatio: 'none',
      class: 'chart',
      role: 'img',
      'aria-labelledby': 'chart-title',
      'aria-describedby': 'chart-description',
    },
    draw('title', { id: 'chart-title' }, 'Replaced tokens and sign-ins in the last hour'),
    description,
    plot,
  );
  const top = element('span', { class: 'chart-top' });
  const begin = element('span');
  const rows = element('tbody');
  const heads = ['Minute', 'Replaced tokens', 'Sign-ins'].map((text) => element('th', { scope: 'col' }, text));
  const table = element(
    'details',
    {},
    element('summary', {}, 'As a table'),
    element(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'The last hour as a table' },
      element('table', {}, element('thead', {}, element('tr', {}, ...heads)), rows),
    ),
  );
  const legend = element(
    'p',
    { class: 'legend', 'aria-hidden': 'true' },
    element('span', { class: 'is-bar' }, 'Replaced tokens'),
    element('span', { class: 'is-line' }, 'Sign-ins'),
  );
  return Object.freeze({
    node: element(
      'div',
      { class: 'chart-frame' },
      legend,
      element('p', { class: 'chart-scale', 'aria-hidden': 'true' }, top),
      picture as unknown as HTMLElement,
      element('p', { class: 'chart-scale', 'aria-hidden': 'true' }, begin, element('span', {}, 'now')),
      table,
    ),
    show(minutes: readonly AdminMinute[]) {
      const shape = shapeOf(minutes);
      description.textContent = sentenceOf(minutes);
      setText(top, `${shape.top} a minute`);
      setText(begin, minutes[0] === undefined ? '' : clockOf(minutes[0].at));
      plot.replaceChildren(
        ...[0, 0.5, 1].map((part) =>
          draw('line', { class: 'grid', x1: 0, x2: chartWidth, y1: chartHeight * part, y2: chartHeight * part }),
        ),
        ...shape.bars.map((bar) => draw('rect', { class: 'bar', ...bar })),
        draw('polyline', { class: 'line', points: shape.line }),
      );
      rows.replaceChildren(
        ...[...minutes]
          .reverse()
          .map(({ at, rotations, logins }) =>
            element(
              'tr',
              {},
              element('th', { scope: 'row' }, clockOf(at)),
              element('td', {}, String(rotations)),
              element('td', {}, String(logins)),
            ),
          ),
      );
    },
  });
}
