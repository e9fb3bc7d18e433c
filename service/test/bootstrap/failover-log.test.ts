import { expect } from 'chai';
import { failoverLog } from '../../src/bootstrap/event-logs.ts';
import type { FailoverReport } from '../../src/domain/failover/failover.ts';
import type { ServiceLogger } from '../../src/ops/logger.ts';

describe('the log of a failover', () => {
  const lines: string[] = [];
  const at = (level: string) => (_fields: unknown, message: string) => void lines.push(`${level} ${message}`);
  const log = failoverLog({ error: at('error'), warn: at('warn') } as unknown as ServiceLogger);
  const report: FailoverReport = {
    ...{ from: '7.00000001', to: '7.00000002', reported: 2, missing: 0, covered: true },
    ...{ ends: 12, unknown: 0, closedSeconds: 0.4 },
  };
  const ended = (change: Partial<FailoverReport>) => {
    lines.length = 0;
    log({ kind: 'ended', report: { ...report, ...change } });
    return lines.join('\n');
  };

  it('begins with an error that no session is validated', () => {
    lines.length = 0;
    log({ kind: 'began', from: '7.00000001', to: '7.00000002' });
    expect(lines.join()).to.equal(
      'error failover: served 7.00000001, now 7.00000002; no session is judged until nodes have reported',
    );
  });

  it('ends with what was written back, and what may be missing', () => {
    const message = ended({});
    expect(message).to.contain('12 lost ends were written back').and.to.contain('cannot be known');
    expect(message).to.not.contain('did not report').and.to.not.contain('LATCHKEY_LOST_TAIL');
  });

  it('names missing nodes, and the setting by which sessions ended', () => {
    expect(ended({ missing: 1, unknown: 3 }))
      .to.contain('1 nodes did not report')
      .and.to.contain('3 sessions ended')
      .and.to.contain('LATCHKEY_LOST_TAIL');
  });

  it('reports that ends may be missing where sessions were kept', () => {
    expect(ended({ covered: false })).to.contain('no node knows which other sessions had ended');
  });

  it('reports what a late node wrote back', () => {
    lines.length = 0;
    log({ kind: 'joined', to: '7.00000002', ends: 3 });
    expect(lines.join()).to.equal('warn failover: sessions are judged in 7.00000002; this node wrote back 3 lost ends');
  });
});
