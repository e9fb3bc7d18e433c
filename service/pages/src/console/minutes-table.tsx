import type { AdminTrafficMinute } from '@latchkey/contract';
import { formatClockTime, formatCount } from './chart-labels.ts';

interface MinutesTableProps {
  readonly minutes: readonly AdminTrafficMinute[];
}

/** The last hour by the minute as a table, the newest minute first. */
export function MinutesTable({ minutes }: MinutesTableProps) {
  return (
    <details>
      <summary>As a table</summary>
      <section class="scroll" tabindex={0} aria-label="The last hour as a table">
        <table>
          <thead>
            <tr>
              {['Minute', 'Live sessions', 'Replaced tokens', 'Sign-ins'].map((words) => (
                <th key={words} scope="col">
                  {words}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...minutes].reverse().map(({ at, sessions, rotations, logins }) => (
              <tr key={at}>
                <th scope="row">{formatClockTime(at)}</th>
                <td>{sessions === null ? 'not counted' : formatCount(sessions)}</td>
                <td>{formatCount(rotations)}</td>
                <td>{formatCount(logins)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </details>
  );
}
