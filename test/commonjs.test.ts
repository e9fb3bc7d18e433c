import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const run = promisify(execFile);
const packages = ['contract', 'core', 'sdk-browser', 'sdk-server'];

const main = `
import browser = require('@latchkey/sdk-browser');
import { getApi } from '@latchkey/sdk-browser/api';
import server = require('@latchkey/sdk-server');
import { type ApiRouter, type CallContext, pgIdempotencyStore } from '@latchkey/sdk-server/api';
import transaction = require('@latchkey/sdk-server/transaction');
import { type AccessClaims, Failure, type NotInJson } from '@latchkey/contract';

declare module '@latchkey/contract' {
  interface CustomClaims {
    role: 'clerk' | 'manager';
  }
}

export const roleOf = (claims: AccessClaims): 'clerk' | 'manager' => claims.role;
export const roleOfCall = ({ user }: CallContext): 'clerk' | 'manager' => user.role;
export const roleOfUser = ({ user }: browser.Session) => user?.role satisfies 'clerk' | 'manager' | undefined;
// @ts-expect-error the claim has another type
export const wrongRole = ({ user }: CallContext): number => user.role;

declare const router: ApiRouter;
const makeApi = () => router.on('now', () => ({ at: new Date() }));
export type Never = NotInJson;
export const now = async (session: browser.Session): Promise<string> =>
  (await getApi<ReturnType<typeof makeApi>>(session, 'api').call('now')).at;

const latchkey = server.createLatchkey({ url: 'http://127.0.0.1:9', backendId: 'b', backendSecret: 's' });
latchkey.close();
const classes = [transaction.pgTransactionClass, pgIdempotencyStore, browser.createSession];
console.log(server.Failure === Failure && classes.every((one) => typeof one === 'function'));
`;

const both = `
import { createRequire } from 'node:module';
import { Failure } from '@latchkey/contract';
import { getApi } from '@latchkey/sdk-browser/api';
const require = createRequire(import.meta.url);
const { Failure: byPath } = await import(require.resolve('@latchkey/sdk-server'));
const isOne = byPath === Failure && require('@latchkey/sdk-server').Failure === Failure;
console.log(isOne && require('@latchkey/sdk-browser/api').getApi === getApi);
`;

/** An installation without any framework of HTTP: the packages as they are published, and what they depend on. */
async function install(folder: string): Promise<void> {
  for (const name of packages) {
    const target = join(folder, 'node_modules/@latchkey', name);
    await mkdir(target, { recursive: true });
    await cp(join(name, 'package.json'), join(target, 'package.json'));
    await cp(join(name, 'dist'), join(target, 'dist'), { recursive: true });
    const { dependencies = {} } = JSON.parse(await readFile(join(name, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(dependencies).filter((one) => !one.startsWith('@latchkey/'))) {
      const link = join(folder, 'node_modules', dependency);
      await mkdir(join(link, '..'), { recursive: true });
      await symlink(resolve('node_modules', dependency), link).catch(() => {});
    }
  }
}

describe('the packages in a CommonJS project of TypeScript', function () {
  this.timeout(120_000);
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-commonjs-'));
    await install(folder);
    await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
    await writeFile(join(folder, 'main.ts'), main);
    await writeFile(join(folder, 'both.mjs'), both);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('are resolved with their types by module node16, and share one instance with the ES modules', async () => {
    const compilerOptions = {
      module: 'node16',
      target: 'es2023',
      strict: true,
      types: ['node'],
      lib: ['es2023', 'dom'],
    };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    const tsc = resolve('node_modules/typescript/lib/tsc.js');
    const output = await run(process.execPath, [tsc, '--pretty', 'false', '-p', folder]).catch((error) => error);
    expect(String(output.stdout)).to.equal('');
    for (const file of ['main.js', 'both.mjs']) {
      const { stdout, stderr } = await run(process.execPath, [file], { cwd: folder });
      expect([stdout.trim(), stderr], file).to.deep.equal(['true', '']);
    }
  });
});
