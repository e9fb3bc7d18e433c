import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { sql } from 'kysely';
import { seedEmbeddedData } from '../../../../test-kit/database/embedded-data.ts';
import { withFailingWrites } from '../../../../test-kit/database/failing-writes.ts';
import { openDatabase } from '../../src/database/database.ts';

const log = { warn: () => {}, error: () => {} };

describe('openDatabase', function () {
  this.timeout(60_000);
  let dataDir: string;
  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-bank-'));
    await seedEmbeddedData(dataDir);
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  async function errorOfOpening(): Promise<unknown> {
    const db = openDatabase({ databaseUrl: undefined, dataDir }, log);
    return sql`SELECT 1`.execute(db).catch((error: unknown) => error);
  }

  it('names the folder and the full disk', async () => {
    rmSync(join(dataDir, 'db'), { recursive: true });
    const error = await withFailingWrites('ENOSPC', errorOfOpening);
    expect(error)
      .to.be.instanceOf(TypeError)
      .and.have.property('message')
      .that.matches(/^BANK_DATA_DIR: the database in .* cannot be opened \(no free space\)\./);
  });

  it('names the folder when the database in it is damaged, or when a file is in its place', async () => {
    writeFileSync(join(dataDir, 'db/PG_VERSION'), 'hi');
    const damaged = await errorOfOpening();
    rmSync(dataDir, { recursive: true });
    writeFileSync(dataDir, '');
    for (const error of [damaged, await errorOfOpening()])
      expect(error)
        .to.be.instanceOf(TypeError)
        .and.have.property('message')
        .that.contains(`BANK_DATA_DIR: the database in ${dataDir} cannot be opened (`);
  });
});
