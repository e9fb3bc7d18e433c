import { expect } from 'chai';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { endLog } from '../../src/bootstrap/event-logs.ts';
import type { ServiceLogger } from '../../src/ops/logger.ts';

describe('endLog', () => {
  it('logs each ended session with its id, and of more than 100 in a second the number of the others', async () => {
    const lines: object[] = [];
    const clock = createFakeClock();
    const log = { info: (fields: object) => void lines.push(fields) } as unknown as ServiceLogger;
    const ended = endLog(log, clock);
    for (let session = 0; session < 130; session += 1) ended(`s${session}`, 'logout');
    expect(lines).to.have.length(100);
    expect(lines[0]).to.deep.equal({ session_id: 's0', reason: 'logout' });
    await clock.advance(1_000);
    expect(lines.at(-1)).to.deep.equal({ sessions: 30 });
    ended('later', 'idle_timeout');
    expect(lines.at(-1)).to.deep.equal({ session_id: 'later', reason: 'idle_timeout' });
  });
});
