import type { AdminTrafficMinute } from '@latchkey/contract';
import { words } from '../words/words.ts';
import { sessionsSummary, trafficSummary } from './chart-labels.ts';
import { MinutesTable } from './minutes-table.tsx';
import { Plot } from './plot.tsx';

/** The last hour by the minute: live sessions, and what happened. Two charts, two sentences, and a table. */
export function Charts({ minutes }: { readonly minutes: readonly AdminTrafficMinute[] }) {
  const { numbers } = words();
  const times = minutes.map(({ at }) => at);
  return (
    <div class="charts">
      <Plot
        name="chart-sessions"
        title={numbers.sessionsTitle}
        description={sessionsSummary(minutes)}
        times={times}
        series={[{ label: numbers.sessions, colour: '--accent', values: minutes.map(({ sessions }) => sessions) }]}
      />
      <Plot
        name="chart-traffic"
        title={numbers.trafficTitle}
        description={trafficSummary(minutes)}
        times={times}
        series={[
          {
            label: numbers.tokens,
            colour: '--accent',
            isBars: true,
            values: minutes.map(({ rotations }) => rotations),
          },
          { label: numbers.signIns, colour: '--waiting', values: completeMinutes(minutes.map(({ logins }) => logins)) },
        ]}
      />
      <MinutesTable minutes={minutes} />
    </div>
  );
}

/** Counts without that of the running minute, which is not over: a line to it would seem to fall. */
function completeMinutes(counts: readonly number[]): (number | null)[] {
  return counts.map((count, index) => (index === counts.length - 1 ? null : count));
}
