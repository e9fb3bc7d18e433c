import type { AdminOverview } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import { errorMessage } from '../messages.ts';
import { createChart } from './chart.ts';
import { createCard, type Section, type SectionDeps } from './section.ts';

const names: readonly (readonly [Exclude<keyof AdminOverview, 'minutes'>, string])[] = [
  ['sessions', 'Live sessions'],
  ['online_sessions', 'With a tab open'],
  ['sockets', 'Sockets'],
  ['servers', 'Nodes and backends'],
  ['users', 'Users'],
  ['tenants', 'Tenants'],
];

/** How much there is, and how the last hour was. */
export function createOverviewSection({ api }: SectionDeps): Section {
  const alert = element('p', { class: 'form-error', role: 'alert' });
  const chart = createChart();
  const values = new Map(names.map(([name]) => [name, element('dd', { 'data-testid': name }, '–')]));
  const numbers = element(
    'dl',
    { class: 'numbers' },
    ...names.map(([name, words]) => element('div', {}, element('dt', {}, words), values.get(name))),
  );
  let requestCount = 0;
  const load = async (): Promise<void> => {
    requestCount += 1;
    const mine = requestCount;
    const overview = await api.overview().catch((error: unknown) => ({ error }));
    // A later question was answered already, or is about to be.
    if (mine !== requestCount) return;
    if ('error' in overview) return setText(alert, errorMessage(overview.error));
    setText(alert, '');
    for (const [name, value] of values) setText(value, overview[name].toLocaleString('en'));
    chart.show(overview.minutes);
  };
  return Object.freeze({ node: createCard('Overview', alert, numbers, chart.node), load });
}
