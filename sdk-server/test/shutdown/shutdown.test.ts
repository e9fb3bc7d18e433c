import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import { stub } from 'sinon';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { type ShutdownReport, stopOnSignals } from '../../src/index.ts';
import { createShutdown } from '../../src/internal.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function staged() {
  const clock = createFakeClock();
  const drains: unknown[] = [];
  const warned: unknown[] = [];
  const stop = createShutdown({
    clock,
    log: { warn: (fields) => void warned.push(fields), error: () => {} },
    protocol: {
      async drain(options) {
        drains.push(options);
        return { notified: 2, terminated: 0 };
      },
    },
    spreadInSecs: 30,
  });
  return { clock, drains, warned, stop };
}

describe('createShutdown', () => {
  it('drains at once when nothing is in progress', async () => {
    const { clock, stop, drains } = staged();
    expect(stop.isServerShutDownInProgress()).to.equal(false);
    const done = stop.shutdown(5);
    expect(stop.isServerShutDownInProgress()).to.equal(true);
    expect(await done).to.deep.equal({ unfinished: {}, sockets: { notified: 2, terminated: 0 } });
    expect(drains).to.deep.equal([{ spreadMs: 30_000, deadlineMs: 5_000 }]);
    expect(clock.timers()).to.equal(0);
  });

  it('returns the same promise to every caller', async () => {
    const { stop, drains } = staged();
    const first = stop.shutdown(5);
    expect(stop.shutdown(1)).to.equal(first);
    await first;
    expect(stop.shutdown()).to.equal(first);
    expect(drains).to.have.length(1);
  });

  it('waits for activities, and drains after the last one', async () => {
    const { clock, stop, drains } = staged();
    const [one, two] = [stop.registerActivity('report'), stop.registerActivity('report')];
    expect(stop.activitiesInProgress()).to.deep.equal({ report: 2 });
    const done = stop.shutdown(10);
    clock.advance(4_000);
    one();
    one();
    await turn();
    expect(drains).to.deep.equal([]);
    two();
    expect((await done).unfinished).to.deep.equal({});
    expect(drains).to.deep.equal([{ spreadMs: 30_000, deadlineMs: 6_000 }]);
    expect(clock.timers()).to.equal(0);
  });

  it('reports the activities that it cut at the deadline', async () => {
    const { clock, stop, warned, drains } = staged();
    stop.registerActivity('report');
    stop.registerActivity('import');
    stop.registerActivity('import');
    const done = stop.shutdown(10);
    clock.advance(9_999);
    await turn();
    expect(drains).to.deep.equal([]);
    clock.advance(1);
    expect((await done).unfinished).to.deep.equal({ report: 1, import: 2 });
    expect(warned).to.deep.equal([{ unfinished: { report: 1, import: 2 } }]);
    expect(drains).to.deep.equal([{ spreadMs: 30_000, deadlineMs: 1_000 }]);
  });

  it('refuses activities once it has begun', () => {
    const { stop } = staged();
    void stop.shutdown(0);
    expect(() => stop.registerActivity('late'))
      .to.throw()
      .with.property('code', 'server_draining');
  });

  it('throws for invalid times', () => {
    const { stop } = staged();
    expect(() => void stop.shutdown(-1)).to.throw(TypeError, 'delay');
    expect(() => void stop.shutdown(Number.NaN)).to.throw(TypeError, 'delay');
    expect(stop.isServerShutDownInProgress()).to.equal(false);
    expect(() => createShutdown({ clock: createFakeClock(), spreadInSecs: -1 })).to.throw(TypeError, 'spreadInSecs');
  });
});

describe('the exit after a shutdown', () => {
  it('has code 0 when any caller requested it', async () => {
    const exits: number[] = [];
    const stop = createShutdown({ clock: createFakeClock(), exit: (code) => void exits.push(code) });
    await stop.shutdown(1);
    await turn();
    expect(exits).to.deep.equal([]);
    await stop.shutdown(1, { exit: true });
    await turn();
    expect(exits).to.deep.equal([0]);
  });

  it('has code 1 when the stop failed', async () => {
    const exits: number[] = [];
    const protocol = { drain: () => Promise.reject(new Error('broken')) };
    const stop = createShutdown({ clock: createFakeClock(), protocol, exit: (code) => void exits.push(code) });
    await stop.shutdown(1, { exit: true }).catch(() => {});
    await turn();
    expect(exits).to.deep.equal([1]);
  });
});

describe('stopOnSignals', () => {
  function hosted(close: (report: ShutdownReport) => Promise<void> | void) {
    const { stop } = staged();
    const exits: unknown[] = [];
    const emitter = new EventEmitter();
    const host = Object.assign(emitter, {
      exit: (code: unknown) => void exits.push(code),
    }) as unknown as NodeJS.Process;
    const clock = createFakeClock();
    const remove = stopOnSignals({ host, shutdown: stop, delay: 1, close, clock });
    return { stop, exits, emitter, remove, clock };
  }

  it('stops, closes, and exits with 0', async () => {
    const closed: unknown[] = [];
    const { exits, emitter, stop } = hosted((report) => void closed.push(report));
    emitter.emit('SIGTERM');
    expect(stop.isServerShutDownInProgress()).to.equal(true);
    await turn();
    expect(closed).to.deep.equal([{ unfinished: {}, sockets: { notified: 2, terminated: 0 } }]);
    expect(exits).to.deep.equal([0]);
  });

  it('ignores a repeated signal, and ends at once at another one', () => {
    const { exits, emitter, clock } = hosted(() => new Promise(() => {}));
    emitter.emit('SIGINT');
    clock.advance(400);
    emitter.emit('SIGINT');
    expect(exits).to.deep.equal([]);
    clock.advance(200);
    emitter.emit('SIGTERM');
    expect(exits).to.deep.equal([1]);
  });

  it('exits with 1 when closing fails, and prints the reason', async () => {
    const error = stub(console, 'error');
    try {
      const { exits, emitter } = hosted(() => Promise.reject(new Error('database')));
      emitter.emit('SIGINT');
      await turn();
      expect(exits).to.deep.equal([1]);
      expect(error.args.flat().join()).to.match(/^latchkey: the shutdown failed .*"message":"database"/);
    } finally {
      error.restore();
    }
  });

  it('can be removed', () => {
    const { emitter, remove } = hosted(() => {});
    remove();
    expect(emitter.eventNames()).to.deep.equal([]);
  });
});
