import type { AdminOverview } from '@latchkey/contract';
import { ErrorMessage } from '../components/error-message.tsx';
import { useResource } from '../components/resource.ts';
import { Charts } from './charts.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

const names: readonly (readonly [Exclude<keyof AdminOverview, 'minutes'>, string])[] = [
  ['sessions', 'Live sessions'],
  ['online_sessions', 'With a tab open'],
  ['sockets', 'Sockets'],
  ['servers', 'Nodes and backends'],
  ['users', 'Users'],
  ['tenants', 'Tenants'],
];

/** How much there is, and how the last hour was. */
export function OverviewSection({ api, loader }: SectionProps) {
  const overview = useResource(api.overview);
  const { value: found } = overview.value;
  useLoader(loader, overview.load);
  return (
    <SectionCard title="Overview">
      <ErrorMessage error={overview.error.value} />
      <dl class="numbers">
        {names.map(([name, words]) => (
          <div key={name}>
            <dt>{words}</dt>
            <dd data-testid={name}>{found?.[name].toLocaleString('en') ?? '–'}</dd>
          </div>
        ))}
      </dl>
      <Charts minutes={found?.minutes ?? []} />
    </SectionCard>
  );
}
