import fs, { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkDataFolder } from '../../../src/cli/doctor/checks/data-folder.ts';
import { createConfig } from '../../../src/config/config.ts';

describe('checkDataFolder', () => {
  const { accessSync, statfsSync } = fs;
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-doctor-'));
  });
  afterEach(() => {
    Object.assign(fs, { accessSync, statfsSync });
    syncBuiltinESMExports();
    rmSync(folder, { recursive: true });
  });

  function plant(replaced: Partial<typeof fs>) {
    Object.assign(fs, replaced);
    syncBuiltinESMExports();
  }
  const withFreeMib = (mib: number) =>
    plant({ statfsSync: (() => ({ bavail: mib * 256, bsize: 4_096 })) as unknown as typeof statfsSync });
  const check = (name = 'data') => checkDataFolder({ config: createConfig({ LATCHKEY_DATA_DIR: join(folder, name) }) });

  it('is ok where the folder can be made, and makes nothing', async () => {
    withFreeMib(500);
    expect(await check('a/b')).to.deep.equal({
      outcome: 'ok',
      message: `${join(folder, 'a/b')} can be written, with 500 MiB free`,
    });
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('names a disk that is read-only, and a folder of another user', async () => {
    for (const [code, reason] of [
      ['EROFS', 'its disk is read-only'],
      ['EACCES', 'the user of this process may not write there'],
    ]) {
      plant({
        accessSync: () => {
          throw Object.assign(new Error(code), { code });
        },
      });
      const { outcome, message } = await check();
      expect({ outcome, message }).to.deep.equal({
        outcome: 'failed',
        message: `The data folder ${join(folder, 'data')} cannot be used, because ${reason} (${code})`,
      });
    }
  });

  it('names a file in place of the folder', async () => {
    writeFileSync(join(folder, 'data'), '');
    expect((await check()).message).to.contain('because a file is in its place (ENOTDIR)');
  });

  it('fails where a first start has no space, and where an existing database has none', async () => {
    withFreeMib(40);
    expect(await check()).to.include({
      outcome: 'failed',
      message: `the disk of the data folder ${join(folder, 'data')} has 40 MiB of free space`,
    });
    mkdirSync(join(folder, 'data/db'), { recursive: true });
    writeFileSync(join(folder, 'data/db/PG_VERSION'), '18\n');
    expect(await check()).to.include({ outcome: 'warning' });
    withFreeMib(0);
    expect(await check()).to.include({ outcome: 'failed' });
  });
});
