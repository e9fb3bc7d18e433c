import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';

/** Imports of a page, and the packages that are not counted. */
export interface Imported {
  readonly code: string;
  readonly external?: readonly string[];
  /** Counts the code that a page loads later, or never, by `import()`. */
  readonly isComplete?: boolean;
}

/** A file of a bundle, minified, and the bytes of each source in it. */
interface BundleFile {
  readonly text: string;
  readonly inputs: readonly (readonly [file: string, bytes: number])[];
}

/** Name of the output folder, to which nothing is written. */
const outdir = '/bundle';

/** Bundles imports by esbuild. Returns the files that a page loads, the largest first. */
export async function bundleOf({ code, external = [], isComplete = false }: Imported): Promise<BundleFile[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('../../bench', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    outdir,
    splitting: true,
    metafile: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    external: [...external],
    logLevel: 'silent',
  });
  const { outputs } = metafile;
  const entry = relative('.', join(outdir, 'stdin.js'));
  const loaded = loadedAtOnce(outputs, entry);
  const names = isComplete ? Object.keys(outputs) : [...loaded];
  const files = names.map((name) => {
    const { text } = outputFiles.find(({ path }) => relative('.', path) === name)!;
    return {
      text,
      inputs: Object.entries(outputs[name]!.inputs).map(([file, { bytesInOutput }]) => [file, bytesInOutput] as const),
    };
  });
  return files.sort((a, b) => b.text.length - a.text.length);
}

/** The entry and its static imports. Dynamic `import()` is not loaded at the start. */
function loadedAtOnce(outputs: Metafile['outputs'], entry: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(entry)) return loaded;
  loaded.add(entry);
  for (const { path, kind } of outputs[entry]?.imports ?? []) {
    if (kind === 'import-statement' && path in outputs) loadedAtOnce(outputs, path, loaded);
  }
  return loaded;
}
