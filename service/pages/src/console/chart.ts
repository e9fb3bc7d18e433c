import type { AdminTrafficMinute } from '@latchkey/contract';
import { element } from '../element.ts';
import { completeMinutes, scaleTop, toBars, toPolylines } from './chart-geometry.ts';
import { formatClockTime, formatCount, sessionsSummary, trafficSummary } from './chart-labels.ts';
import { createPlot } from './plot.ts';

interface Chart {
  readonly node: HTMLElement;
  show(minutes: readonly AdminTrafficMinute[]): void;
}

const columns: readonly (readonly [string, (minute: AdminTrafficMinute) => string])[] = [
  ['Live sessions', ({ sessions }) => (sessions === null ? 'not counted' : formatCount(sessions))],
  ['Replaced tokens', ({ rotations }) => formatCount(rotations)],
  ['Sign-ins', ({ logins }) => formatCount(logins)],
];

/** The last hour by the minute: live sessions, and what happened. Two pictures, two sentences, and a table. */
export function createChart(): Chart {
  const sessions = createPlot({
    name: 'chart-sessions',
    title: 'Live sessions in the last hour',
    legend: { lines: 'Live sessions' },
  });
  const traffic = createPlot({
    name: 'chart-traffic',
    title: 'Replaced tokens and sign-ins in the last hour',
    legend: { bars: 'Replaced tokens', lines: 'Sign-ins' },
  });
  const table = createTable();
  return Object.freeze({
    node: element('div', { class: 'charts' }, sessions.node, traffic.node, table.node),
    show(minutes: readonly AdminTrafficMinute[]) {
      const begin = minutes[0] === undefined ? '' : formatClockTime(minutes[0].at);
      const live = minutes.map((minute) => minute.sessions);
      const liveTop = scaleTop(Math.max(0, ...live.map(Number)));
      sessions.show({
        bars: [],
        lines: toPolylines(live, liveTop),
        top: formatCount(liveTop),
        begin,
        description: sessionsSummary(minutes),
      });
      const [rotations, logins] = [minutes.map((minute) => minute.rotations), minutes.map((minute) => minute.logins)];
      const top = scaleTop(Math.max(0, ...rotations, ...logins));
      traffic.show({
        bars: toBars(rotations, top),
        lines: toPolylines(completeMinutes(logins), top),
        top: `${formatCount(top)} a minute`,
        begin,
        description: trafficSummary(minutes),
      });
      table.show(minutes);
    },
  });
}

function createTable(): Chart {
  const rows = element('tbody');
  const heads = ['Minute', ...columns.map(([words]) => words)].map((text) => element('th', { scope: 'col' }, text));
  const rowOf = (minute: AdminTrafficMinute): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, formatClockTime(minute.at)),
      ...columns.map(([, wordsOf]) => element('td', {}, wordsOf(minute))),
    );
  return Object.freeze({
    node: element(
      'details',
      {},
      element('summary', {}, 'As a table'),
      element(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'The last hour as a table' },
        element('table', {}, element('thead', {}, element('tr', {}, ...heads)), rows),
      ),
    ),
    show: (minutes: readonly AdminTrafficMinute[]) => rows.replaceChildren(...[...minutes].reverse().map(rowOf)),
  });
}
