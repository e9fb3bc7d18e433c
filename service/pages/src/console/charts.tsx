import type { AdminTrafficMinute } from '@latchkey/contract';
import { completeMinutes, scaleTop, toBars, toPolylines } from './chart-geometry.ts';
import { formatClockTime, formatCount, sessionsSummary, trafficSummary } from './chart-labels.ts';
import { MinutesTable } from './minutes-table.tsx';
import { Plot } from './plot.tsx';

/** The last hour by the minute: live sessions, and what happened. Two pictures, two sentences, and a table. */
export function Charts({ minutes }: { readonly minutes: readonly AdminTrafficMinute[] }) {
  const begin = minutes[0] === undefined ? '' : formatClockTime(minutes[0].at);
  const live = minutes.map(({ sessions }) => sessions);
  const liveTop = scaleTop(Math.max(0, ...live.map(Number)));
  const [rotations, logins] = [minutes.map((minute) => minute.rotations), minutes.map((minute) => minute.logins)];
  const top = scaleTop(Math.max(0, ...rotations, ...logins));
  return (
    <div class="charts">
      <Plot
        name="chart-sessions"
        title="Live sessions in the last hour"
        description={sessionsSummary(minutes)}
        linesLabel="Live sessions"
        lines={toPolylines(live, liveTop)}
        top={formatCount(liveTop)}
        begin={begin}
      />
      <Plot
        name="chart-traffic"
        title="Replaced tokens and sign-ins in the last hour"
        description={trafficSummary(minutes)}
        barsLabel="Replaced tokens"
        bars={toBars(rotations, top)}
        linesLabel="Sign-ins"
        lines={toPolylines(completeMinutes(logins), top)}
        top={`${formatCount(top)} a minute`}
        begin={begin}
      />
      <MinutesTable minutes={minutes} />
    </div>
  );
}
