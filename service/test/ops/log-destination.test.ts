import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { createLogDestination } from '../../src/ops/log-destination.ts';
import { createLogger } from '../../src/ops/logger.ts';

const clock = createSystemClock();
const logOf = (fd: number) => createLogger({ level: 'info', clock, destination: createLogDestination({ fd, clock }) });

describe('createLogDestination', () => {
  it('drops lines without an error when the disk is full', function () {
    if (!existsSync('/dev/full')) this.skip();
    const fd = openSync('/dev/full', 'w');
    const log = logOf(fd);
    for (let line = 0; line < 3; line++) log.info({ line }, 'nobody reads this');
    closeSync(fd);
  });

  describe('of a process whose standard output is a pipe', function () {
    this.timeout(30_000);
    const program = fileURLToPath(new URL('logging-process.ts', import.meta.url));
    let child: ChildProcess;
    afterEach(() => child.kill('SIGKILL'));

    /** Resolves once the process has written its lines; nothing has been read by then. */
    async function logged(lines: number): Promise<void> {
      const args = ['--import', 'tsx', '--conditions=@latchkey/source', program, String(lines)];
      child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
      await once(child, 'message');
    }
    const read = async () => {
      const lines = (await text(child.stdout!)).trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line) as { line?: number; msg: string; lost_lines?: number });
    };
    const numbers = (count: number) => Array.from({ length: count }, (_, line) => line);

    it('continues when its output is not read, keeps the first lines, and reports later how many were lost', async () => {
      await logged(2_000);
      const reading = read();
      child.send('continue');
      const found = await reading;
      const kept = found.flatMap(({ line }) => line ?? []);
      expect(kept).to.deep.equal(numbers(kept.length));
      expect(kept.length).to.be.within(500, 1_900);
      expect(found.slice(kept.length).map(({ msg, lost_lines }) => lost_lines ?? msg)).to.deep.equal([
        2_000 - kept.length,
        'the last line',
      ]);
    });

    it('writes waiting lines before it exits, if its output is read', async () => {
      await logged(400);
      child.send('exit');
      expect((await read()).map(({ line }) => line)).to.deep.equal(numbers(400));
    });

    it('exits soon when its output is not read', async () => {
      await logged(400);
      const began = performance.now();
      child.send('exit');
      await once(child, 'exit');
      expect(performance.now() - began).to.be.below(3_000);
    });
  });
});
