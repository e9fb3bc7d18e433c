import { mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { seedEmbeddedData } from '../../../test-kit/database/embedded-data.ts';
import { withFailingWrites } from '../../../test-kit/database/failing-writes.ts';
import { DatabaseDamagedError, DataDirUnusableError } from '../../src/db/data-dir-error.ts';
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
