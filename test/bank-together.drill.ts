import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { seedEmbeddedData } from '../test-kit/database/embedded-data.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const entry = fileURLToPath(new URL('../examples/bank/dist/start/together.js', import.meta.url));

describe('the service and the bank, started together', function () {
  this.timeout(60_000);
  let together: ServiceProcess;
  let urls: string[];
  let folder: string;

  const answers = (url: string) =>
    fetch(`${url}/health/ready`, { headers: { connection: 'close' } }).then(
      () => true,
      () => false,
    );
  const areGone = async () => !(await Promise.all(urls.map(answers))).includes(true);

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-together-'));
    for (const name of ['service', 'bank']) await seedEmbeddedData(join(folder, name));
    together = await startService({ entry, env: { LOG_LEVEL: 'warn', BANK_DATA_DIR: folder } });
    let isOver = false;
    void together.exited().then(() => {
      isOver = true;
    });
    await waitFor(() => isOver || together.log().includes('Ctrl-C'), 40_000, together.log);
    urls = Array.from(together.log().matchAll(/(?:is open:|is at) (http:\/\/localhost:\d+)/g), ([, url]) => url!);
    expect(urls.length, together.log()).to.equal(2);
    expect(await Promise.all(urls.map(answers))).to.deep.equal([true, true]);
  });
  afterEach(async () => {
    await together.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('end both at a signal with exit code 0, also when npm repeats the signal', async () => {
    together.kill('SIGINT');
    together.kill('SIGTERM');
    expect(await together.exited(), together.log()).to.equal(0);
    expect(await areGone()).to.equal(true);
  });

  it('end with exit code 0 while they are still starting', async () => {
    const early = await startService({ entry, env: { LOG_LEVEL: 'warn', BANK_DATA_DIR: join(folder, 'early') } });
    await waitFor(() => existsSync(join(folder, 'early', 'service')), 20_000, early.log);
    early.kill('SIGINT');
    expect(await early.exited(), early.log()).to.equal(0);
  });

  it('continue when the reader of their output has ended', async () => {
    const env = { LOG_LEVEL: 'info', BANK_DATA_DIR: join(folder, 'unread') };
    for (const name of ['service', 'bank']) await seedEmbeddedData(join(env.BANK_DATA_DIR, name));
    const unread = await startService({ entry, env });
    await waitFor(() => unread.log().includes('the bank is open'), 40_000, unread.log);
    unread.kill('SIGSTOP');
    expect(unread.log()).not.to.include('Ctrl-C');
    unread.closeOutput();
    unread.kill('SIGCONT');
    const [, bank = ''] = /"url":"([^"]+)","msg":"the bank is open"/.exec(unread.log()) ?? [];
    await waitFor(async () => (await fetch(`${bank}/health/ready`)).ok, 10_000);
    await sleep(1_000);
    unread.kill('SIGINT');
    expect(await unread.exited()).to.equal(0);
  });

  it('end by themselves when the process that started them was killed', async () => {
    together.kill('SIGKILL');
    await together.exited();
    await waitFor(areGone, 10_000);
  });
});
