import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The browser SDK from its sources as one module script; it hands `createSession` to the scripts of the page. */
export async function bundleSdk(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "import { createSession } from '@latchkey/sdk-browser'; globalThis.createSession = createSession;",
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['@latchkey/source'],
  });
  return outputFiles[0]?.text ?? '';
}

/** The script file `latchkey.min.js`, by its own build. */
export async function buildScriptFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-script-'));
  const file = join(folder, 'latchkey.min.js');
  try {
    const how = ['run', '--silent', 'build', '--workspace', 'sdk-browser', '--', `--outfile=${file}`];
    await promisify(execFile)('npm', how, { cwd: root });
    return await readFile(file, 'utf8');
  } finally {
    await rm(folder, { recursive: true });
  }
}
