import { expect } from 'chai';
import { createFakeClock, type FakeClock } from '../../../test-kit/fake-clock.ts';
import { type CauseLog, createCauseLog } from '../../src/cause/cause-log.ts';

const table = {
  port_taken: { setting: 'port', message: 'another process listens on {port}' },
  secret_wrong: { setting: 'secret', message: 'set secret', level: 'error' },
} as const;

describe('createCauseLog', () => {
  let clock: FakeClock;
  let causes: CauseLog<keyof typeof table>;
  let lines: unknown[];

  beforeEach(() => {
    clock = createFakeClock();
    lines = [];
    const log = {
      warn: (fields: object, message: string) => lines.push({ level: 'warn', ...fields, message }),
      error: (fields: object, message: string) => lines.push({ level: 'error', ...fields, message }),
    };
    causes = createCauseLog({ table, log, clock });
  });

  const lineOf = (count: number, more: object = {}) => ({
    ...{ level: 'warn', cause: 'port_taken', setting: 'port', count, message: 'another process listens on port' },
    ...more,
  });

  it('logs the first report of a cause at once, and those of the next minute in one line at its end', () => {
    causes.report('port_taken', { pid: 1 });
    for (const pid of [2, 3, 4]) causes.report('port_taken', { pid });
    expect(lines).to.deep.equal([lineOf(1, { pid: 1 })]);
    clock.advance(59_000);
    expect(lines).to.have.length(1);
    clock.advance(1_000);
    expect(lines.slice(1)).to.deep.equal([lineOf(3, { pid: 4 })]);
  });

  it('delays the next log line by a minute after the last one, also after one with a count', () => {
    causes.report('port_taken');
    causes.report('port_taken');
    clock.advance(60_000);
    causes.report('port_taken');
    expect(lines).to.have.length(2);
    clock.advance(60_000);
    expect(lines).to.have.length(3);
    clock.advance(60_000);
    causes.report('port_taken');
    expect(lines).to.have.length(4);
  });

  it('delays each cause separately, and keeps its level', () => {
    causes.report('port_taken');
    causes.report('secret_wrong');
    expect(lines).to.deep.include({
      ...{ level: 'error', cause: 'secret_wrong', setting: 'secret', count: 1, message: 'set secret' },
    });
  });

  it('names options by the names that the host uses', () => {
    causes.report('port_taken', {}, { port: 'PORT' });
    expect(lines).to.deep.equal([lineOf(1, { setting: 'PORT', message: 'another process listens on PORT' })]);
    expect(causes.explain('port_taken', { port: 'PORT' })).to.equal('another process listens on PORT');
  });

  it('lists the reported causes, the newest last', () => {
    causes.report('port_taken');
    causes.report('secret_wrong');
    clock.advance(5);
    causes.report('port_taken');
    const [first, second] = causes.list();
    expect(first).to.include({ code: 'secret_wrong', count: 1 });
    expect(second).to.deep.equal({
      ...{ code: 'port_taken', setting: 'port', message: 'another process listens on port' },
      ...{ count: 2, lastAt: clock.now() },
    });
  });

  it('logs delayed reports when it is closed, and ends its timers', () => {
    causes.report('port_taken');
    causes.report('port_taken');
    causes.close();
    expect(lines).to.deep.equal([lineOf(1), lineOf(1)]);
    clock.advance(120_000);
    expect(lines).to.have.length(2);
  });
});
