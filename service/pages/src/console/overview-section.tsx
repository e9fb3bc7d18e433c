import type { AdminOverview } from '@latchkey/contract';
import { ErrorMessage } from '../components/error-message.tsx';
import { useResource } from '../components/resource.ts';
import { formatCount } from '../words/formats.ts';
import { words } from '../words/words.ts';
import { Charts } from './charts.tsx';
import { SectionCard, type SectionProps, useLoader } from './section-card.tsx';

const names = [
  'sessions',
  'online_sessions',
  'sockets',
  'servers',
  'users',
  'tenants',
] as const satisfies readonly Exclude<keyof AdminOverview, 'minutes'>[];

/** Counts, and charts of the last hour. */
export function OverviewSection({ api, loader }: SectionProps) {
  const overview = useResource(api.overview);
  const { value: found } = overview.value;
  useLoader(loader, overview.load);
  return (
    <SectionCard title={words().console.overview}>
      <ErrorMessage error={overview.error.value} />
      <dl class="numbers">
        {names.map((name) => (
          <div key={name}>
            <dt>{words().numbers[name]}</dt>
            <dd data-testid={name}>{found === undefined ? '–' : formatCount(found[name])}</dd>
          </div>
        ))}
      </dl>
      <Charts minutes={found?.minutes ?? []} />
    </SectionCard>
  );
}
