import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { type DocsBlock, readDocsCode } from './browser/docs-code.ts';

const compilerOptions = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable', 'dom', 'dom.iterable'],
  types: ['node'],
  module: 'esnext',
  moduleResolution: 'bundler',
  jsx: 'react-jsx',
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  noEmit: true,
};

/** The scripts of a page or component that stand in it. */
function scriptsOf(markup: string): string {
  return [...markup.matchAll(/<script[^>]*>(.*?)<\/script>/gs)].map(([, script]) => script).join('\n');
}

/** What the compiler reads of a block, and where. */
function sourceOf({ page, language, file, text }: DocsBlock): [file: string, text: string] {
  if (language === 'html') return [`script/${page}.js`, scriptsOf(text)];
  return language === 'vue' || language === 'svelte' ? [`${file}.ts`, scriptsOf(text)] : [file, text];
}

/** Errors of the compiler in a folder's own files. It reads the declarations of the packages, as in an app. */
async function check(folder: string): Promise<readonly string[]> {
  const compiler = resolve('node_modules/typescript/lib/tsc.js');
  const args = [compiler, '--pretty', 'false', '-p', '.'];
  const output = await promisify(execFile)(process.execPath, args, { cwd: folder }).catch((cause) => cause);
  return String(output.stdout)
    .split('\n')
    .filter((line) => /^[^\s.]/.test(line));
}

describe('the code of docs/build/browser', function () {
  this.timeout(30_000);
  let folder: string;

  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'latchkey-docs-'));
    await symlink(resolve('node_modules'), join(folder, 'node_modules'));
    for (const block of await readDocsCode()) await write(...sourceOf(block));
    await write('tsconfig.json', JSON.stringify({ compilerOptions, exclude: ['script'] }));
    const sdk = JSON.stringify(resolve('sdk-browser/src/script.ts'));
    await write('script/latchkey.d.ts', `declare const latchkey: typeof import(${sdk});`);
    await write(
      'script/tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          ...compilerOptions,
          types: [],
          strict: false,
          exactOptionalPropertyTypes: false,
          allowJs: true,
          checkJs: true,
        },
      }),
    );
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('exists for every page', async () => {
    const files = await readdir(folder, { recursive: true });
    expect(files).to.include.members([
      'server.ts',
      ...['plain/main.ts', 'script/vanilla.md.js', 'vue/App.vue.ts', 'svelte/App.svelte.ts'],
      ...['react/session.ts', 'react/app.tsx', 'react/main.tsx'],
    ]);
  });

  it('compiles, with the types of the SDKs', async () => {
    expect(await check(folder)).to.deep.equal([]);
  });

  it('compiles as a script in HTML, with the names of the script file', async () => {
    expect(await check(join(folder, 'script'))).to.deep.equal([]);
  });
});
