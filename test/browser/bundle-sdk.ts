import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** The browser SDK from its sources as one module script; it hands `createSession` to the scripts of the page. */
export async function bundleSdk(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: "import { createSession } from '@latchkey/sdk-browser'; globalThis.createSession = createSession;",
      resolveDir: fileURLToPath(new URL('../../', import.meta.url)),
    },
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['source'],
  });
  return outputFiles[0]?.text ?? '';
}
