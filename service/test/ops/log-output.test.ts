import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createLog } from '../../src/ops/log.ts';
import { createLogOutput } from '../../src/ops/log-output.ts';

const logOf = (fd: number) => createLog({ level: 'info', clock: { now: () => 0 }, destination: createLogOutput(fd) });

describe('createLogOutput', () => {
  it('outlives a disk that is full', function () {
    if (!existsSync('/dev/full')) this.skip();
    const fd = openSync('/dev/full', 'w');
    const log = logOf(fd);
    for (let line = 0; line < 3; line++) log.info({ line }, 'nobody reads this');
    closeSync(fd);
  });

  it('tells what waited once it can write again, and keeps no more of it than a megabyte', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-log-'));
    const file = join(folder, 'log');
    writeFileSync(file, '');
    const fd = openSync(file, 'r');
    const log = logOf(fd);
    for (let line = 0; line < 400; line++) log.info({ line, more: 'y'.repeat(4_000) }, 'meanwhile');
    closeSync(fd);
    // The number that has just become free is the one that is given.
    expect(openSync(file, 'a')).to.equal(fd);
    log.info({}, 'there is room again');
    closeSync(fd);
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    rmSync(folder, { recursive: true });
    expect(JSON.parse(lines[0]!)).to.include({ line: 0, msg: 'meanwhile' });
    expect(lines.length).to.be.within(200, 300);
  });
});
