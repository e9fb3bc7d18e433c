import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import fc from 'fast-check';
import { createLogDestination } from '../../src/ops/log-destination.ts';
import { createFileDestination, type LogFile } from '../../src/ops/log-file.ts';

const clock = createSystemClock();
const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

/** A file on a disk that does each thing when a test lets it. */
function slowFile() {
  const written: Buffer[] = [];
  let pending: ((bytes: number) => void) | undefined;
  let fails = false;
  const size = () => written.reduce((sum, { length }) => sum + length, 0);
  const take = (bytes: Buffer, most = bytes.length) => {
    if (fails) throw full;
    written.push(Buffer.from(bytes.subarray(0, most)));
    return Math.min(most, bytes.length);
  };
  const file: LogFile = {
    size,
    readSize: (done) => {
      pending = () => done(null, size());
    },
    write: (bytes, done) => {
      pending = (most) => (fails ? done(full, 0) : done(null, take(bytes, most)));
    },
    writeSync: (bytes) => take(bytes),
  };
  return {
    file,
    text: () => Buffer.concat(written).toString(),
    setFull: (isFull: boolean) => {
      fails = isFull;
    },
    /** Carries out what waits for the disk. */
    step(most = Number.POSITIVE_INFINITY) {
      const act = pending;
      pending = undefined;
      act?.(most);
    },
    settle() {
      while (pending !== undefined) this.step();
    },
  };
}

/** Timers run when a test says so. */
function manualClock() {
  const due: (() => void)[] = [];
  return {
    clock: {
      monotonic: clock.monotonic,
      after(_ms: number, task: () => void) {
        due.push(task);
        return () => {};
      },
    },
    runTimers: () => {
      for (const task of due.splice(0)) task();
    },
  };
}

const textOf = (lines: readonly string[]) => lines.join('');
const line = (n: number, size = 20) => `${`${n} `.padEnd(size, 'é')}\n`;

describe('createFileDestination', () => {
  it('keeps every line and their order, whatever the disk does', () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('line' as const), size: fc.integer({ min: 8, max: 60 }) }),
      fc.record({ kind: fc.constant('step' as const), most: fc.integer({ min: 1, max: 100 }) }),
      fc.record({ kind: fc.constant('full' as const), isFull: fc.boolean() }),
      fc.record({ kind: fc.constant('timers' as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), fc.boolean(), (actions, exits) => {
        const disk = slowFile();
        const { clock: manual, runTimers } = manualClock();
        const destination = createFileDestination({ file: disk.file, clock: manual });
        const lines: string[] = [];
        for (const [at, one] of actions.entries()) {
          if (one.kind === 'line') destination.write(lines[lines.push(line(at, one.size)) - 1]!);
          if (one.kind === 'step') disk.step(one.most);
          if (one.kind === 'full') disk.setFull(one.isFull);
          if (one.kind === 'timers') runTimers();
        }
        disk.setFull(false);
        if (exits) {
          // What a thread has begun goes on while the exit waits.
          const { size } = disk.file;
          disk.file.size = () => {
            disk.step();
            return size();
          };
          destination.flush();
        } else
          for (let round = 0; round < 3; round += 1) {
            disk.settle();
            runTimers();
          }
        expect(disk.text()).to.equal(textOf(lines));
        expect(destination.lost()).to.equal(0);
      }),
    );
  });

  it('loses nothing while the disk is slow for a second', () => {
    const disk = slowFile();
    const destination = createFileDestination({ file: disk.file, clock: manualClock().clock });
    const lines = Array.from({ length: 7_000 }, (_, n) => line(n, 500));
    const began = clock.monotonic();
    for (const each of lines) destination.write(each);
    expect(clock.monotonic() - began).to.be.below(1_000);
    disk.settle();
    expect(disk.text()).to.equal(textOf(lines));
  });

  it('keeps at most 8 MiB, counts what it loses, and reports the number once the rest is written', () => {
    const disk = slowFile();
    const reports: number[] = [];
    const onLost = (count: number) => void reports.push(count);
    const destination = createFileDestination({ file: disk.file, clock: manualClock().clock, onLost });
    const lines = Array.from({ length: 9_000 }, (_, n) => `${String(n).padEnd(1_023, 'y')}\n`);
    for (const each of lines) destination.write(each);
    expect(destination.lost()).to.equal(9_000 - 8_192);
    expect(reports).to.deep.equal([]);
    disk.settle();
    expect(disk.text()).to.equal(textOf(lines.slice(0, 8_192)));
    expect(reports).to.deep.equal([9_000 - 8_192]);
  });

  it('ends an exit while the disk is full', () => {
    const disk = slowFile();
    disk.setFull(true);
    const destination = createFileDestination({ file: disk.file, clock: manualClock().clock });
    destination.write(line(1));
    const began = clock.monotonic();
    destination.flush();
    expect(clock.monotonic() - began).to.be.below(2_000);
  });
});

describe('a process whose standard output is a file', function () {
  this.timeout(30_000);
  const program = fileURLToPath(new URL('logging-process.ts', import.meta.url));
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What the file holds after the command. */
  async function run(command: string, flags: 'w' | 'a' = 'w') {
    const file = join(folder, 'log');
    writeFileSync(file, '');
    const fd = openSync(file, flags);
    const args = ['--import', 'tsx', '--conditions=@latchkey/source', program, '400'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', fd, 'ignore', 'ipc'] });
    closeSync(fd);
    await once(child, 'message');
    child.send(command);
    await once(child, 'exit');
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    return lines.map((each) => JSON.parse(each) as { line?: number; msg: string });
  }
  const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

  it('has all lines after process.exit', async () => {
    expect((await run('exit')).map(({ line: number }) => number)).to.deep.equal(numbers(400));
  });

  it('has all lines after an error that nothing catches, also those of listeners of exit', async () => {
    const lines = await run('throw');
    expect(lines.at(-1)).to.include({ msg: 'a line of a listener of exit' });
    expect(lines.slice(0, -1).map(({ line: number }) => number)).to.deep.equal(numbers(400));
  });

  for (const flags of ['w', 'a'] as const)
    it(`has all lines in order while the threads of Node are busy (${flags})`, async () => {
      expect((await run('busy', flags)).map(({ line: number }) => number)).to.deep.equal(numbers(1_200));
    });
});

describe('createLogDestination', () => {
  it('does not wait for the disk of a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-log-'));
    const file = join(folder, 'log');
    const fd = openSync(file, 'a');
    const destination = createLogDestination({ fd, clock });
    destination.write('one\n');
    destination.write('two\n');
    expect(readFileSync(file, 'utf8')).to.equal('');
    while (readFileSync(file, 'utf8') !== 'one\ntwo\n') await new Promise((resolve) => setTimeout(resolve, 5));
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
});
