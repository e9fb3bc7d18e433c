import type { AdminTrafficMinute } from '@latchkey/contract';
import { expect } from 'chai';
import { sessionsSummary, trafficSummary } from '../../src/console/chart-labels.ts';
import { formatClockTime } from '../../src/words/formats.ts';
import { useEnglish } from '../english.ts';

useEnglish();

const minute = (sessions: number | null, rotations = 0, logins = 0): AdminTrafficMinute => ({
  ...{ at: '2026-03-01T12:00:00Z', sessions, rotations, logins },
});

describe('labels of the chart', () => {
  const cases: [string, (number | null)[], string][] = [
    ['no count', [null, null], 'Live sessions have not been counted yet.'],
    ['nothing changed', [null, 3, 3], 'Live sessions in the last hour: 3, now 3.'],
    ['more and fewer', [1_200, null, 8, 9], 'Live sessions in the last hour: between 8 and 1,200, now 9.'],
    ['none', [0], 'Live sessions in the last hour: 0, now 0.'],
  ];
  for (const [name, counts, sentence] of cases)
    it(`summarize the number of live sessions: ${name}`, () =>
      expect(sessionsSummary(counts.map((count) => minute(count)))).to.equal(sentence));

  it('summarize rotations and logins', () => {
    expect(trafficSummary([minute(1, 1_000, 2), minute(null, 500, 1)])).to.equal(
      'Replaced tokens in the last hour: 1,500. Sign-ins: 3.',
    );
  });

  it('format midnight as 00', () => {
    expect(formatClockTime(new Date(2026, 2, 1, 0, 5).toISOString())).to.equal('00:05');
  });
});
