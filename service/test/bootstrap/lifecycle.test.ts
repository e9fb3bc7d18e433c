import { expect } from 'chai';
import { createJobRunner } from '../../src/bootstrap/job-runner.ts';
import { type Component, createLifecycle, StartInterrupted } from '../../src/bootstrap/lifecycle.ts';

function recorded(...names: string[]) {
  const said: string[] = [];
  const parts = names.map<Component>((name) => ({
    name,
    start: async () => void said.push(`+${name}`),
    stop: async () => void said.push(`-${name}`),
  }));
  return { said, parts };
}

describe('createLifecycle', () => {
  it('starts in order and stops in reverse', async () => {
    const { said, parts } = recorded('a', 'b', 'c');
    const stack = createLifecycle(parts);
    await stack.start();
    await stack.stop();
    expect(said).to.deep.equal(['+a', '+b', '+c', '-c', '-b', '-a']);
  });

  it('stops the started components when one fails to start, and rejects with its error', async () => {
    const { said, parts } = recorded('a', 'b');
    const stack = createLifecycle([...parts, { name: 'c', start: () => Promise.reject(new Error('no')) }]);
    expect(await stack.start().catch((error: Error) => error.message)).to.equal('no');
    expect(said).to.deep.equal(['+a', '+b', '-b', '-a']);
  });

  it('starts no further component once a stop is asked for, and tells the one that starts', async () => {
    const { said, parts } = recorded('a', 'b');
    const [first, last] = parts as [Component, Component];
    let open = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    let wasTold = false;
    const slow: Component = {
      name: 'slow',
      async start(signal) {
        await gate;
        wasTold = signal?.aborted ?? false;
      },
      stop: () => void said.push('-slow'),
    };
    const stack = createLifecycle([first, slow, last]);
    const starting = stack.start().catch((error: unknown) => error);
    await new Promise((resolve) => setImmediate(resolve));
    const stopping = stack.stop();
    open();
    await stopping;
    expect(await starting).to.be.instanceOf(StartInterrupted);
    expect(wasTold).to.equal(true);
    expect(said).to.deep.equal(['+a', '-slow', '-a']);
  });

  it('rejects a start whose last component was starting when a stop was asked for', async () => {
    const { said, parts } = recorded('a');
    const stack = createLifecycle(parts);
    const starting = stack.start().catch((error: unknown) => error);
    await stack.stop();
    expect(await starting).to.be.instanceOf(StartInterrupted);
    expect(said).to.deep.equal(['+a', '-a']);
  });

  it('gives concurrent callers one run, stops every component and rejects with the first error', async () => {
    const { said, parts } = recorded('a', 'b');
    const stack = createLifecycle([...parts, { name: 'c', stop: () => Promise.reject(new Error('first')) }]);
    await Promise.all([stack.start(), stack.start()]);
    const stops = await Promise.allSettled([stack.stop(), stack.stop()]);
    expect(stops.map((stop) => stop.status)).to.deep.equal(['rejected', 'rejected']);
    expect(said).to.deep.equal(['+a', '+b', '-b', '-a']);
  });
});

describe('createJobRunner', () => {
  /** A clock whose timers run when told. */
  function manual() {
    const timers: { ms: number; task: () => void }[] = [];
    return {
      timers,
      clock: {
        now: () => 0,
        monotonic: () => 0,
        after(ms: number, task: () => void) {
          timers.push({ ms, task });
          return () => {};
        },
      },
    };
  }

  it('runs again after success and after failure, never twice at once', async () => {
    const { timers, clock } = manual();
    const told: string[] = [];
    let runs = 0;
    const job = {
      name: 'work',
      everyMs: 1_000,
      run: async () => void (++runs === 1 && (await Promise.reject(new Error('x')))),
    };
    const jobs = createJobRunner({ jobs: [job], clock, onError: (name) => told.push(name) });
    await jobs.start?.();
    expect(timers).to.have.length(1);
    for (let i = 0; i < 3; i++) {
      timers.shift()!.task();
      await new Promise((resolve) => setImmediate(resolve));
      expect(timers).to.have.length(1);
    }
    expect(runs).to.equal(3);
    expect(told).to.deep.equal(['work']);
    await jobs.stop?.();
  });
});
