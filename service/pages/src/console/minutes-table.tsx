import type { AdminTrafficMinute } from '@latchkey/contract';
import { formatClockTime, formatCount } from '../words/formats.ts';
import { words } from '../words/words.ts';

interface MinutesTableProps {
  readonly minutes: readonly AdminTrafficMinute[];
}

/** The last hour by the minute as a table, the newest minute first. */
export function MinutesTable({ minutes }: MinutesTableProps) {
  const { numbers } = words();
  return (
    <details>
      <summary>{numbers.asTable}</summary>
      <section class="scroll" tabindex={0} aria-label={numbers.hourAsTable}>
        <table>
          <thead>
            <tr>
              {[numbers.minute, numbers.sessions, numbers.tokens, numbers.signIns].map((label) => (
                <th key={label} scope="col">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...minutes].reverse().map(({ at, sessions, rotations, logins }) => (
              <tr key={at}>
                <th scope="row">{formatClockTime(at)}</th>
                <td>{sessions === null ? numbers.notCounted : formatCount(sessions)}</td>
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
