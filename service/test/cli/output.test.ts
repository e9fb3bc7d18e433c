import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { createOutput } from '../../src/cli/output.ts';

/** The error of a write to a stream that fails with `code`. */
const failing = (code: string) => (_chunk: unknown, _encoding: unknown, done: (error: Error) => void) =>
  done(Object.assign(new Error('not written'), { code }));

describe('createOutput', () => {
  it('drops text after the first error, and says what that was', async () => {
    for (const [code, isReaderClosed] of [
      ['EPIPE', true],
      ['ECONNRESET', true],
      ['ENOSPC', false],
      ['EIO', false],
    ] as const) {
      const output = createOutput(new Writable({ write: failing(code) }));
      expect(output.error()).to.equal(undefined);
      await output.write('a');
      await output.write('b');
      expect(output.error()).to.deep.equal({ code, isReaderClosed });
    }
  });

  it('waits for a slower reader, and not after an error', async () => {
    const written: string[] = [];
    const dones: ((error?: Error) => void)[] = [];
    const write = (chunk: Buffer, _encoding: unknown, done: () => void) => {
      written.push(String(chunk));
      dones.push(done);
    };
    const output = createOutput(new Writable({ write, highWaterMark: 1 }));
    const both = Promise.all([output.write('a'), output.write('b')]);
    expect(await Promise.race([both, sleep(20, 'waiting')])).to.equal('waiting');
    dones.shift()!();
    await sleep(0);
    expect(written).to.deep.equal(['a', 'b']);
    dones.shift()!(new Error('gone'));
    await both;
    await output.flush();
  });
});
