import type { AdminMinute } from '@latchkey/contract';
import { element } from '../element.ts';
import { barsOf, linesOf, topOf, wholeOf } from './chart-shape.ts';
import { clockOf, numberOf, sentenceOfSessions, sentenceOfTraffic } from './chart-words.ts';
import { createPlot } from './plot.ts';

interface Chart {
  readonly node: HTMLElement;
  show(minutes: readonly AdminMinute[]): void;
}

const columns: readonly (readonly [string, (minute: AdminMinute) => string])[] = [
  ['Live sessions', ({ sessions }) => (sessions === null ? 'not counted' : numberOf(sessions))],
  ['Replaced tokens', ({ rotations }) => numberOf(rotations)],
  ['Sign-ins', ({ logins }) => numberOf(logins)],
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
    show(minutes: readonly AdminMinute[]) {
      const begin = minutes[0] === undefined ? '' : clockOf(minutes[0].at);
      const live = minutes.map((minute) => minute.sessions);
      const liveTop = topOf(Math.max(0, ...live.map(Number)));
      sessions.show({
        bars: [],
        lines: linesOf(live, liveTop),
        top: numberOf(liveTop),
        begin,
        description: sentenceOfSessions(minutes),
      });
      const [rotations, logins] = [minutes.map((minute) => minute.rotations), minutes.map((minute) => minute.logins)];
      const top = topOf(Math.max(0, ...rotations, ...logins));
      traffic.show({
        bars: barsOf(rotations, top),
        lines: linesOf(wholeOf(logins), top),
        top: `${numberOf(top)} a minute`,
        begin,
        description: sentenceOfTraffic(minutes),
      });
      table.show(minutes);
    },
  });
}

function createTable(): Chart {
  const rows = element('tbody');
  const heads = ['Minute', ...columns.map(([words]) => words)].map((text) => element('th', { scope: 'col' }, text));
  const rowOf = (minute: AdminMinute): HTMLElement =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, clockOf(minute.at)),
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
    show: (minutes: readonly AdminMinute[]) => rows.replaceChildren(...[...minutes].reverse().map(rowOf)),
  });
}
