import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const main = fileURLToPath(new URL('../service/src/main.ts', import.meta.url));
const writing = fileURLToPath(new URL('../service/test/cli/writing-process.ts', import.meta.url));
const nodeArguments = ['--import', 'tsx', '--conditions=@latchkey/source'];
const env = { PATH: process.env.PATH };

describe('the standard output of a command', function () {
  this.timeout(30_000);

  it('is written to its end for a slow reader before the command fails', async () => {
    const child = spawn(process.execPath, [...nodeArguments, writing], { stdio: ['ignore', 'pipe', 'inherit'], env });
    const exit = once(child, 'exit');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(await text(child.stdout)).to.have.length(1_048_576);
    expect(await exit).to.deep.equal([2, null]);
  });

  for (const words of ['config', '--help'])
    it(`may lose its reader, which is no failure: ${words}`, async () => {
      const line = `"$0" ${nodeArguments.join(' ')} '${main}' ${words} | true; exit "\${PIPESTATUS[0]}"`;
      const child = spawn('bash', ['-c', line, process.execPath], { stdio: ['ignore', 'ignore', 'pipe'], env });
      const [[code], errors] = await Promise.all([once(child, 'exit'), text(child.stderr)]);
      expect({ code, errors }).to.deep.equal({ code: 0, errors: '' });
    });

  for (const words of ['config', '--help'])
    it(`makes the command fail with a sentence when the disk is full: ${words}`, async function () {
      if (!existsSync('/dev/full')) this.skip();
      const full = openSync('/dev/full', 'w');
      const args = [...nodeArguments, main, words];
      const child = spawn(process.execPath, args, { stdio: ['ignore', full, 'pipe'], env });
      closeSync(full);
      const [[code], errors] = await Promise.all([once(child, 'exit'), text(child.stderr!)]);
      expect({ code, errors }).to.deep.equal({ code: 1, errors: 'The standard output cannot be written (ENOSPC).\n' });
    });
});

describe('the standard output of the service', function () {
  this.timeout(60_000);

  it('may lose its reader, while hooks write there as well', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-hooks-'));
    const hooks = join(folder, 'hooks.mjs');
    writeFileSync(hooks, `setInterval(() => console.log('written by a hook'), 10).unref(); export default {};`);
    const service = await startService({ env: { LATCHKEY_HOOKS: hooks } });
    try {
      await service.ready();
      await waitFor(() => service.log().includes('written by a hook'), 5_000, service.log);
      service.closeOutput();
      await sleep(500);
      await service.ready();
      expect(await service.stop()).to.equal(0);
    } finally {
      service.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
