import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { TokenResponse } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient } from '../test-kit/client/plain-client.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { writeBlocks } from './docs/page-blocks.ts';
import { developersCredential } from './link/app-process.ts';

const run = promisify(execFile);

const goProgram = `package main

import (
	"fmt"
	"os"
)

func main() {
	claims, err := (&Verifier{Issuer: os.Args[1], Audience: os.Args[1]}).Verify(os.Args[2])
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(claims.UserID)
}
`;

/** Without modules, because the program has only the standard library. */
const goEnv = () => ({ ...process.env, GO111MODULE: 'off', GOFLAGS: '' });

const hasGo = () =>
  run('go', ['version']).then(
    () => true,
    () => false,
  );

describe('the programs of the docs', function () {
  this.timeout(60_000);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-programs-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('docs/build/testing.md: the tests of the app pass with node --test', async () => {
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    await writeBlocks('docs/build/testing.md', folder);
    const { stdout } = await run(process.execPath, ['--test', '--test-reporter', 'tap'], { cwd: folder, env: {} });
    expect(stdout)
      .to.match(/^# pass 5$/m)
      .and.to.match(/^# fail 0$/m);
  });

  describe('docs/build/other-languages.md, with a service', () => {
    let service: ServiceProcess;
    let accessToken: string;
    let sessionToken: string;

    before(async () => {
      service = await startService();
      await service.ready();
      const client = createPlainClient({ url: service.url });
      const login = await client.register('python@example.test', 'violet anchor rain');
      const grant = { grant_type: 'authorization_code', ...login };
      const { body } = await client.request<TokenResponse>('POST', '/oauth/token', grant);
      ({ access_token: accessToken, refresh_token: sessionToken } = body);
    });
    after(() => service?.stop());

    /** Runs Python with the modules of the page, and returns what it prints. */
    async function python(program: string, ...args: string[]): Promise<string> {
      await writeBlocks('docs/build/other-languages.md', folder);
      const env = { PATH: process.env.PATH ?? '', PYTHONPATH: process.env.PYTHONPATH ?? '' };
      const { stdout } = await run('python3', ['-c', program, ...args], { cwd: folder, env });
      return stdout.trim();
    }
    const has = (module: string) =>
      python(`import ${module}`).then(
        () => true,
        () => false,
      );

    it('asks the service about a token by introspection', async function () {
      if (!(await has('urllib'))) this.skip();
      const { backend_id, backend_secret } = developersCredential(service);
      const program =
        'import sys; from introspect import introspect; print((introspect(*sys.argv[1:]) or {}).get("sub"))';
      const ask = (token: string) => python(program, service.url, backend_id, backend_secret, token);
      expect(await ask(accessToken)).to.match(/^[\da-f-]{36}$/);
      expect(await ask(`${accessToken}x`)).to.equal('None');
      expect(await ask(sessionToken)).to.equal('None');
    });

    it('verifies a token by the key set, and refuses a changed one and one of another type', async function () {
      if (!(await has('jwt, cryptography'))) this.skip();
      const program =
        'import sys; from verify import Verifier; print(Verifier(sys.argv[1]).verify(sys.argv[2])["sub"])';
      const verify = (token: string) => python(program, service.url, token).catch((cause) => String(cause.stderr));
      expect(await verify(accessToken)).to.match(/^[\da-f-]{36}$/);
      expect(await verify(accessToken.slice(0, -8) + 'A'.repeat(8))).to.include('InvalidSignatureError');
      expect(await verify(sessionToken)).to.include('not an access token');
    });

    it('verifies a token with the standard library of Go, and refuses a changed one and one of another type', async function () {
      if (!(await hasGo())) this.skip();
      await writeBlocks('docs/build/other-languages.md', folder);
      await writeFile(join(folder, 'main.go'), goProgram);
      await run('go', ['vet', 'verify.go', 'main.go'], { cwd: folder, env: goEnv() });
      await run('go', ['build', '-o', 'verify', 'verify.go', 'main.go'], { cwd: folder, env: goEnv() });
      const verify = async (token: string) => (await run(join(folder, 'verify'), [service.url, token])).stdout.trim();
      expect(await verify(accessToken)).to.match(/^[\da-f-]{36}$/);
      expect(await verify(accessToken.slice(0, -8) + 'A'.repeat(8))).to.equal('the access token is not acceptable');
      expect(await verify(sessionToken)).to.equal('the access token is not acceptable');
    });
  });
});
