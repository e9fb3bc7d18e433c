import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makePrivateFolder } from '../../src/base/make-private-folder.ts';

describe('makePrivateFolder', () => {
  it('makes a folder and its parents for their owner alone, also when it exists', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-folder-'));
    const path = join(folder, 'a', 'b');
    makePrivateFolder(path);
    makePrivateFolder(path);
    for (const made of [join(folder, 'a'), path]) expect(statSync(made).mode & 0o777).to.equal(0o700);
    rmSync(folder, { recursive: true });
  });

  it('throws where the file system makes no folders', () => {
    const module = new URL('../../src/base/make-private-folder.ts', import.meta.url);
    const script = `import { makePrivateFolder } from '${module}'; makePrivateFolder('/proc/latchkey/data');`;
    const words = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const { status, stderr } = spawnSync(process.execPath, words, {
      timeout: 15_000,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    expect(status).to.equal(1);
    expect(String(stderr)).to.contain('ENOENT');
  }).timeout(20_000);
});
