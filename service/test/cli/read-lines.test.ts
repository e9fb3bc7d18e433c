import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { readLines } from '../../src/cli/read-lines.ts';

describe('readLines', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-lines-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  async function linesOf(text: string | Buffer, maxBytes = 10): Promise<(string | undefined)[]> {
    const file = join(folder, 'lines');
    writeFileSync(file, text);
    const found: (string | undefined)[] = [];
    for await (const { number, text: line } of readLines(file, maxBytes)) {
      found.push(line);
      expect(number).to.equal(found.length);
    }
    return found;
  }

  it('reads lines with and without an end, empty ones too', async () => {
    expect(await linesOf('one\n\nthree\n')).to.deep.equal(['one', '', 'three']);
    expect(await linesOf('one\ntwo')).to.deep.equal(['one', 'two']);
    expect(await linesOf('')).to.deep.equal([]);
  });

  it('keeps letters of several bytes whole between two pieces of the file', async () => {
    const line = '\u00fc'.repeat(40_000);
    expect(await linesOf(`a${line}\n${line}\n`, 100_000)).to.deep.equal([`a${line}`, line]);
  });

  it('reads on after a line that is no UTF-8, which would lose letters', async () => {
    expect(await linesOf(Buffer.from('a\nM\xfcller\nb\n', 'latin1'))).to.deep.equal(['a', undefined, 'b']);
  });

  it('reads on after a line that is too long', async () => {
    expect(await linesOf(`a\n${'x'.repeat(300_000)}\nb\n${'x'.repeat(11)}`)).to.deep.equal([
      'a',
      undefined,
      'b',
      undefined,
    ]);
    expect(await linesOf('x'.repeat(10))).to.deep.equal(['x'.repeat(10)]);
  });

  it('says why a file cannot be read', async () => {
    const messageOf = async (path: string) => {
      try {
        for await (const _ of readLines(path, 10));
      } catch (error) {
        return error instanceof Failure ? `${error.code}: ${error.message}` : error;
      }
      return 'read';
    };
    const missing = join(folder, 'missing');
    expect(await messageOf(missing)).to.equal(`invalid_request: ${missing} cannot be read: there is no such file.`);
    expect(await messageOf(folder)).to.equal(`invalid_request: ${folder} cannot be read: it is a folder.`);
    const below = join(folder, 'lines', 'below');
    expect(await messageOf(below)).to.match(/below cannot be read: ENOTDIR/);
  });
});
