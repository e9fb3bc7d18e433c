import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { missingPackages, surroundings } from './docs/surroundings.ts';

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  types: ['node'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  moduleDetection: 'force',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
};

async function blocksOf(page: string): Promise<string[]> {
  const text = await readFile(page, 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, block]) => block!);
}

/** Errors of the compiler in a folder's own files. It reads the declarations of the packages, as in an app. */
async function check(folder: string): Promise<readonly string[]> {
  const args = [resolve('node_modules/typescript/lib/tsc.js'), '--pretty', 'false', '-p', '.'];
  const output = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch((cause) => cause);
  return String(output.stdout)
    .split('\n')
    .filter((line) => /^[^\s.]/.test(line));
}

describe('the code of the pages for servers', function () {
  this.timeout(60_000);
  let root: string;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'latchkey-docs-'));
    await writeFile(join(root, 'package.json'), '{ "type": "module" }');
    await symlink(resolve('node_modules'), join(root, 'node_modules'));
  });
  after(() => rm(root, { recursive: true, force: true }));

  for (const [page, given] of Object.entries(surroundings))
    it(`compiles: ${page}`, async () => {
      const folder = join(root, dirname(page), basename(page, '.md'));
      await mkdir(folder, { recursive: true });
      const lib = page.startsWith('sdk-browser/')
        ? [...compilerOptions.lib, 'dom', 'dom.iterable']
        : compilerOptions.lib;
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions, lib } }));
      await writeFile(join(folder, 'packages.d.ts'), missingPackages[page] ?? 'export {};');
      await writeFile(
        join(folder, 'surroundings.ts'),
        `export {};\ndeclare global {\n${given.replaceAll('declare ', '')}\n}`,
      );
      const blocks = await blocksOf(page);
      expect(blocks.length).to.be.above(0);
      await Promise.all(blocks.map((block, at) => writeFile(join(folder, `block-${at + 1}.ts`), block)));
      expect(await check(folder)).to.deep.equal([]);
    });
});
