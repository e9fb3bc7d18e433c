import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { seedEmbeddedData } from '../test-kit/database/embedded-data.ts';
import { freePort } from '../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

/** An empty setting is one that is absent: the service's folder is one that the bank chooses. */
const absent = { LATCHKEY_DATA_DIR: '', LATCHKEY_PUBLIC_URL: '', PORT: '' };
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

  const begin = (env: Readonly<Record<string, string>>) =>
    startService({ entry, env: { LOG_LEVEL: 'warn', BANK_DATA_DIR: folder, ...absent, ...env } });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-together-'));
    for (const name of ['service', 'bank']) await seedEmbeddedData(join(folder, name));
    together = await begin({});
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
    const early = await begin({ BANK_DATA_DIR: join(folder, 'early') });
    await waitFor(() => existsSync(join(folder, 'early', 'service')), 20_000, early.log);
    early.kill('SIGINT');
    expect(await early.exited(), early.log()).to.equal(0);
  });

  it('continue when the reader of their output has ended', async () => {
    const env = { LOG_LEVEL: 'info', BANK_DATA_DIR: join(folder, 'unread') };
    for (const name of ['service', 'bank']) await seedEmbeddedData(join(env.BANK_DATA_DIR, name));
    const unread = await begin(env);
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

  it('use the ports that are set', async () => {
    const [PORT, BANK_PORT] = [String(await freePort()), String(await freePort())];
    const env = { PORT, BANK_PORT, BANK_DATA_DIR: join(folder, 'ports') };
    for (const name of ['service', 'bank']) await seedEmbeddedData(join(env.BANK_DATA_DIR, name));
    const other = await begin(env);
    await waitFor(() => other.log().includes('Ctrl-C'), 40_000, other.log);
    expect(other.log()).to.include(`is open: http://localhost:${BANK_PORT}\n`);
    expect(other.log()).to.include(`is at http://localhost:${PORT}.`);
    await other.stop();
  });

  it('refuse a port that is taken or none, and a folder that is in use or cannot be used', async () => {
    const [, taken = ''] = /:(\d+)$/.exec(urls[0]!) ?? [];
    const free = join(folder, 'free');
    for (const [env, sentence] of [
      [{ BANK_DATA_DIR: free, PORT: taken }, `PORT: ${taken} is in use`],
      [{ BANK_DATA_DIR: free, BANK_PORT: taken }, `BANK_PORT: ${taken} is in use`],
      [{ BANK_DATA_DIR: free, BANK_PORT: 'abc' }, 'BANK_PORT: has to be a TCP port'],
      [{}, `BANK_DATA_DIR: ${folder} is in use by another bank. Set another BANK_DATA_DIR`],
      [{ BANK_DATA_DIR: '/proc/bank' }, 'BANK_DATA_DIR: /proc/bank cannot be used (ENOENT). Set BANK_DATA_DIR'],
    ] as const) {
      const refused = await begin(env);
      expect(await refused.exited(), refused.log()).to.equal(1);
      expect(refused.log())
        .to.match(/^[^\n]+\n$/)
        .and.include(sentence);
    }
    expect(existsSync(join(free, 'service'))).to.equal(false);
  });

  it('end when another program takes the port of the service during the start', async () => {
    const port = await freePort();
    const late = await begin({ BANK_DATA_DIR: join(folder, 'late'), PORT: String(port) });
    await waitFor(() => existsSync(join(folder, 'late', 'service')), 20_000, late.log);
    const other = createServer((_request, response) => response.end()).listen(port, '127.0.0.1');
    expect(await late.exited(), late.log()).to.equal(1);
    other.close();
    other.closeAllConnections();
    expect(late.log()).to.include(`PORT: ${port} on 127.0.0.1 is taken by another process.`);
    expect(late.log()).to.include('the service ended with 1 before it was ready');
    expect(existsSync(join(folder, 'late', 'bank'))).to.equal(false);
  });

  it('end by themselves when the process that started them was killed', async () => {
    together.kill('SIGKILL');
    await together.exited();
    await waitFor(areGone, 10_000);
  });
});
