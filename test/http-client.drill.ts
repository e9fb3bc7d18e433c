import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient } from '../test-kit/client/plain-client.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';

const run = promisify(execFile);
const example = fileURLToPath(new URL('../examples/http-client/', import.meta.url));
/** Of the example, which has a compiler of its own: the generator needs one with an API. */
const generator = join(example, 'node_modules/.bin/openapi-typescript');
const compiler = fileURLToPath(new URL('../node_modules/.bin/tsc', import.meta.url));

describe('a client that is generated from the OpenAPI document', function () {
  this.timeout(120_000);
  let service: ServiceProcess;
  let folder: string;

  before(async () => {
    service = await startService();
    await service.ready();
    folder = mkdtempSync(join(example, 'node_modules/.generated-'));
    const document = await (await fetch(service.url + paths.openApi)).text();
    writeFileSync(join(folder, 'openapi.json'), document);
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), readFileSync(join(example, 'tsconfig.json')));
    await run(generator, ['openapi.json', '-o', 'latchkey-api.d.ts'], { cwd: folder });
  });
  after(async () => {
    await service.stop();
    rmSync(folder, { recursive: true });
  });

  /** Compiles a program with the types of the running service. */
  function compile(main: string) {
    writeFileSync(join(folder, 'main.ts'), main);
    return run(compiler, ['-p', folder], { cwd: folder });
  }
  const program = readFileSync(join(example, 'main.ts'), 'utf8');

  it('compiles: docs/reference/http-api.md', async () => {
    const [, block] = /^```ts\n(.*?)^```$/ms.exec(readFileSync('docs/reference/http-api.md', 'utf8')) ?? [];
    await compile(`declare const accessToken: string;\n${block}`);
  });

  it('signs in, lists sessions and ends one', async () => {
    const who = { email: 'generated@example.test', password: 'violet anchor rain' };
    await createPlainClient({ url: service.url }).register(who.email, who.password);
    await compile(program);
    const { stdout } = await run(process.execPath, ['dist/main.js', service.url, who.email, who.password], {
      cwd: folder,
    });
    expect(stdout.trim().split('\n').slice(-2)).eql(['ended 1, left 1', 'ended again: not_found']);
    expect(stdout.match(/\(this one\)/g)).to.have.length(1);
  });

  it('is refused by the compiler when it reads what the service does not send', async () => {
    const refused = await compile(program.replaceAll('session_id', 'session_number')).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    );
    expect(refused).to.match(/session_number/);
  });
});
