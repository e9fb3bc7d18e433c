import { tmpdir } from 'node:os';
import { expect } from 'chai';
import {
  DatabaseDamagedError,
  DataDirUnusableError,
  explainFileError,
  toOpenError,
} from '../../src/db/data-dir-error.ts';

describe('toOpenError', () => {
  const folder = tmpdir();
  for (const [errno, report, sentence] of [
    [51, '', 'its disk has no free space (ENOSPC). Free some, or set LATCHKEY_DATA_DIR'],
    [19, '', 'its quota has no free space (EDQUOT). Free some, or set LATCHKEY_DATA_DIR'],
    [69, '', 'its disk is read-only (EROFS). Set LATCHKEY_DATA_DIR'],
    [2, '', 'the user of this process may not write there (EACCES). Set LATCHKEY_DATA_DIR'],
    [33, '', 'this process may not open more files (EMFILE). Raise the limit'],
    [29, '', 'its disk failed (EIO). Set LATCHKEY_DATA_DIR'],
    [undefined, 'could not write to file "x": No space left on device', 'its disk has no free space (ENOSPC)'],
    [undefined, 'could not open file "x": Permission denied', 'may not write there (EACCES)'],
  ] as const)
    it(`names what the file system said: ${sentence}`, () => {
      const error = toOpenError(folder, { name: 'ErrnoError', errno }, report);
      expect(error).to.be.instanceOf(DataDirUnusableError);
      expect(error.message).to.contain(`The data folder ${folder} cannot be used, because `).and.contain(sentence);
    });

  it('has the error as the reason where PostgreSQL wrote none', () => {
    expect(toOpenError(folder, { name: 'ErrnoError', errno: 99 }, '').message).to.contain(
      '{"name":"ErrnoError","errno":99}',
    );
    expect(toOpenError(folder, new Error('Aborted()'), '').message).to.contain('(Aborted())');
  });
});

describe('explainFileError', () => {
  const embedded = { embedded: true, dataDir: '/data' };
  const errorOf = (code: string, message = '') => Object.assign(new Error(message), { code });

  it('names the disk or the damage that a statement found, also within an error', () => {
    const full = errorOf('53100', 'could not extend file "base/5/1": No space left on device');
    for (const error of [full, new Error('around it', { cause: full })])
      expect(explainFileError(embedded, error))
        .to.be.instanceOf(DataDirUnusableError)
        .and.have.property('message')
        .that.contains('no free space (ENOSPC)');
    expect(explainFileError(embedded, errorOf('XX001', 'invalid page in block 0'))).to.be.instanceOf(
      DatabaseDamagedError,
    );
  });

  it('returns any other error, and those of PostgreSQL, as they are', () => {
    for (const error of [errorOf('23505'), 'text', undefined, { errno: 51 }])
      expect(explainFileError(embedded, error)).to.equal(error);
    const full = errorOf('53100');
    expect(explainFileError({ embedded: false, dataDir: '/data' }, full)).to.equal(full);
  });
});
