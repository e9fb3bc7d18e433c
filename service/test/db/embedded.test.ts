import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { seedEmbeddedData } from '../../../test-kit/database/embedded-data.ts';
import { withFailingWrites } from '../../../test-kit/database/failing-writes.ts';
import {
  DatabaseDamagedError,
  DataDirUnusableError,
  explainFileError,
  toOpenError,
} from '../../src/db/data-dir-error.ts';
import { createEmbeddedDatabase } from '../../src/db/embedded.ts';
import { runCommand } from '../cli/stage.ts';

describe('createEmbeddedDatabase', function () {
  this.timeout(60_000);
  let folder: string;
  let dataDir: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-embedded-'));
    dataDir = join(folder, 'data');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Opens and closes it. Returns the error of opening. */
  async function openAndClose(): Promise<Error | undefined> {
    const database = createEmbeddedDatabase({ dataDir, onError: (error) => expect.fail(error.message) });
    const error = await database.open().then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    await database.close();
    return error;
  }

  it('names a full disk when the first start ends there, and the next start begins anew', async () => {
    const error = await withFailingWrites('ENOSPC', openAndClose);
    expect(error).to.be.instanceOf(DataDirUnusableError);
    expect(error!.message).to.equal(
      `The data folder ${dataDir} cannot be used, because its disk has no free space (ENOSPC). Free some, or set LATCHKEY_DATA_DIR to a folder on another disk.`,
    );
    writeFileSync(join(dataDir, 'db', 'left'), '');
    expect(await openAndClose()).to.equal(undefined);
    expect(readdirSync(join(dataDir, 'db')))
      .to.include('PG_VERSION')
      .and.not.include.members(['latchkey.incomplete', 'left']);
  });

  it('names it when an existing database cannot be written, in a command', async () => {
    await seedEmbeddedData(dataDir);
    const env = { LATCHKEY_DATA_DIR: dataDir, LOG_LEVEL: 'silent' };
    const { code, err } = await withFailingWrites('ENOSPC', () => runCommand(env, 'user', 'list'));
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: `The data folder ${dataDir} cannot be used, because its disk has no free space (ENOSPC). Free some, or set LATCHKEY_DATA_DIR to a folder on another disk.\n`,
    });
  });

  for (const [title, damage, reason] of [
    [
      'a file that holds something else',
      (database: string) => writeFileSync(join(database, 'PG_VERSION'), 'hi'),
      /PG_VERSION" does not contain valid data/,
    ],
    [
      'a version of PostgreSQL that is not this one',
      (database: string) => writeFileSync(join(database, 'PG_VERSION'), '15\n'),
      /initialized by PostgreSQL version 15/,
    ],
    [
      'a file that was cut',
      (database: string) => truncateSync(join(database, 'global/pg_control'), 100),
      /could not read file "global\/pg_control": read 100 of 296/,
    ],
    [
      'a missing file',
      (database: string) => rmSync(join(database, 'postgresql.conf')),
      /could not access the server configuration file/,
    ],
    ['a missing folder', (database: string) => rmSync(join(database, 'base'), { recursive: true }), /base\/5/],
    [
      'no PG_VERSION, in place of making a new database over the files',
      (database: string) => rmSync(join(database, 'PG_VERSION')),
      /the file PG_VERSION is missing/,
    ],
  ] as const)
    it(`reports damaged files in one sentence: ${title}`, async () => {
      await seedEmbeddedData(dataDir);
      const database = join(dataDir, 'db');
      damage(database);
      const error = await openAndClose();
      expect(error).to.be.instanceOf(DatabaseDamagedError);
      expect(error!.message)
        .to.match(reason)
        .and.contain(`The embedded database in ${database} cannot be opened`)
        .and.contain('(docs/run/backup.md), or move it away')
        .and.not.contain('\n')
        .and.not.contain('/pglite/data');
      const { code, out, err } = await runCommand({ LATCHKEY_DATA_DIR: dataDir }, 'user', 'list');
      expect({ code, out, err }).to.deep.equal({ code: 1, out: '', err: `${error!.message}\n` });
    });
});

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
