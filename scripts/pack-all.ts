import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readPublishedPackages } from './published-packages.ts';

/** A tarball, as `npm pack --json` describes it. Sizes are in bytes. */
interface Tarball {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

/** Removes what an earlier build made of sources that no longer exist: the compiler leaves it. */
function removeStale(folder: string): void {
  const dist = join(folder, 'dist');
  for (const file of readdirSync(dist, { recursive: true, encoding: 'utf8' })) {
    const module = /^(.+?)(?:\.d\.c?ts|\.c?js)$/.exec(file)?.[1];
    if (module === undefined || module.endsWith('.min')) continue;
    if (!existsSync(join(folder, 'src', `${module}.ts`))) rmSync(join(dist, file));
  }
}

/** Packs what is built of each published package. With `folder`, the tarballs are written there, otherwise nothing is. */
export function packAll(folder?: string): readonly Tarball[] {
  for (const one of readPublishedPackages()) removeStale(one.folder);
  const workspaces = readPublishedPackages().flatMap(({ name }) => ['--workspace', name]);
  const destination = folder === undefined ? ['--dry-run'] : ['--pack-destination', folder];
  const output = execFileSync('npm', ['pack', '--json', '--ignore-scripts', ...destination, ...workspaces], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output) as Tarball[];
}

function toRow({ filename, size, unpackedSize, files }: Tarball): string {
  const kilobytes = (bytes: number) => `${Math.round(bytes / 1_000)} kB`.padStart(8);
  return `${filename.padEnd(34)}${kilobytes(size)}${kilobytes(unpackedSize)} unpacked, ${files.length} files\n`;
}

/** usage: npm run pack:all */
function main(): void {
  const folder = 'dist-packages';
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  process.stdout.write(packAll(folder).map(toRow).join(''));
}

if (process.argv[1]?.endsWith('scripts/pack-all.ts')) main();
