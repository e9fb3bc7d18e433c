import type { AdminTrafficMinute } from '@latchkey/contract';
import { formatClockTime, formatCount } from '../words/formats.ts';
import { fill, words } from '../words/words.ts';
import { completeMinutes, scaleTop, toBars, toPolylines } from './chart-geometry.ts';
import { sessionsSummary, trafficSummary } from './chart-labels.ts';
import { MinutesTable } from './minutes-table.tsx';
import { Plot } from './plot.tsx';

/** The last hour by the minute: live sessions, and what happened. Two pictures, two sentences, and a table. */
export function Charts({ minutes }: { readonly minutes: readonly AdminTrafficMinute[] }) {
  const { numbers } = words();
  const begin = minutes[0] === undefined ? '' : formatClockTime(minutes[0].at);
  const live = minutes.map(({ sessions }) => sessions);
  const liveTop = scaleTop(Math.max(0, ...live.map(Number)));
  const [rotations, logins] = [minutes.map((minute) => minute.rotations), minutes.map((minute) => minute.logins)];
  const top = scaleTop(Math.max(0, ...rotations, ...logins));
  return (
    <div class="charts">
      <Plot
        name="chart-sessions"
        title={numbers.sessionsTitle}
        description={sessionsSummary(minutes)}
        linesLabel={numbers.sessions}
        lines={toPolylines(live, liveTop)}
        top={formatCount(liveTop)}
        begin={begin}
      />
      <Plot
        name="chart-traffic"
        title={numbers.trafficTitle}
        description={trafficSummary(minutes)}
        barsLabel={numbers.tokens}
        bars={toBars(rotations, top)}
        linesLabel={numbers.signIns}
        lines={toPolylines(completeMinutes(logins), top)}
        top={fill(numbers.perMinute, { count: formatCount(top) })}
        begin={begin}
      />
      <MinutesTable minutes={minutes} />
    </div>
  );
}
