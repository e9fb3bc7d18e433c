import type { AdminOverview } from '@latchkey/contract';
import { element, setText } from '../element.ts';
import { sentenceOfError } from '../words.ts';
import { createChart } from './chart.ts';
import { createCard, type Section, type SectionNeeds } from './section.ts';

const names: readonly (readonly [Exclude<keyof AdminOverview, 'minutes'>, string])[] = [
  ['sessions', 'Live sessions'],
  ['online_sessions', 'With a tab open'],
  ['sockets', 'Sockets'],
  ['servers', 'Nodes and backends'],
  ['users', 'Users'],
  ['tenants', 'Tenants'],
];

/** How much there is, and how the last hour was. */
export function createOverviewSection({ api }: SectionNeeds): Section {
  const alert = element('p', { class: 'form-error', role: 'alert' });
  const chart = createChart();
  const values = new Map(names.map(([name]) => [name, element('dd', { 'data-testid': name }, '–')]));
  const numbers = element(
    'dl',
    { class: 'numbers' },
    ...names.map(([name, words]) => element('div', {}, element('dt', {}, words), values.get(name))),
  );
  let asked = 0;
  const load = async (): Promise<void> => {
    asked += 1;
    const mine = asked;
    const overview = await api.overview().catch((error: unknown) => ({ error }));
    // A later question was answered already, or is about to be.
    if (mine !== asked) return;
    if ('error' in overview) return setText(alert, sentenceOfError(overview.error));
    setText(alert, '');
    for (const [name, value] of values) setText(value, overview[name].toLocaleString('en'));
    chart.show(overview.minutes);
  };
  return Object.freeze({ node: createCard('Overview', alert, numbers, chart.node), load });
}
