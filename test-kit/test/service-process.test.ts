import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startService } from '../node/service-process.ts';
import { waitFor } from '../wait-for.ts';

const program = `
import { createServer } from 'node:http';
console.log(JSON.stringify({ arg: process.argv[2], url: process.env.LATCHKEY_PUBLIC_URL, stray: process.env.STRAY }));
if (process.argv[2] === 'fail') { console.error('no secret'); process.exit(3); }
let turns = 0;
createServer((_, answer) => { answer.statusCode = ++turns > 2 ? 200 : 503; answer.end(); }).listen(process.env.PORT);
process.on('SIGTERM', () => process.exit(0));
`;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('startService', () => {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-entry-'));
  const entry = join(folder, 'entry.mjs');
  before(() => writeFileSync(entry, program));
  after(() => rmSync(folder, { recursive: true }));

  it('waits until the process is ready, keeps its log, and stops it with its exit code', async () => {
    process.env.STRAY = 'must not be passed on';
    const service = await startService({ entry, args: ['serve'] });
    delete process.env.STRAY;
    await service.ready();
    expect(JSON.parse(service.log())).to.deep.equal({ arg: 'serve', url: service.url });
    expect(await service.stop()).to.equal(0);
    expect(isAlive(service.pid)).to.equal(false);
  });

  it('rejects with the log of a process that does not become ready', async () => {
    const service = await startService({ entry, args: ['fail'] });
    const error = await service.ready().catch((caught: Error) => caught);
    expect(String(error)).to.match(/ended with 3[\s\S]*no secret/);
    expect(await service.exited()).to.equal(3);
  });

  it('kills with any signal, also a suspended process', async () => {
    const service = await startService({ entry });
    await service.ready();
    service.kill('SIGSTOP');
    service.kill('SIGKILL');
    expect(await service.exited()).to.equal(137);
  });

  it('leaves no process and no files when the test process is killed', async () => {
    const script = `import { startService } from ${JSON.stringify(new URL('../node/service-process.ts', import.meta.url).href)};
      const service = await startService({ entry: ${JSON.stringify(entry)} });
      console.log(service.pid, service.dataFolder);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const [pid, dataFolder] = line.toString().trim().split(' ');
    expect(isAlive(Number(pid))).to.equal(true);
    child.kill('SIGKILL');
    const parent = join(String(dataFolder), '..');
    await waitFor(() => !isAlive(Number(pid)) && !existsSync(parent));
    expect(isAlive(Number(pid))).to.equal(false);
    expect(existsSync(parent)).to.equal(false);
  });
});
