import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findTarballs } from './tarballs.ts';

interface AppOptions {
  /** Has to be missing or empty. Its name becomes the name of the package. */
  readonly folder: string;
  /** Version of the packages of Latchkey. */
  readonly version: string;
  /** Folder of their tarballs. Absent: they come from the registry. */
  readonly packages?: string | undefined;
}

type Dependencies = Record<string, string>;

interface AppManifest {
  name: string;
  readonly dependencies: Dependencies;
  readonly devDependencies: Dependencies;
  overrides?: Dependencies;
}

const template = fileURLToPath(new URL('../template', import.meta.url));
/** By the rules of npm for a new package without a scope. */
const packageName = /^[a-z0-9][a-z0-9._-]{0,213}$/;
/** npm leaves a `.gitignore` out of a package. */
const renamed = { gitignore: '.gitignore' };

/**
 * Writes a new app.
 *
 * @throws AppError if the folder is not empty, if its name cannot be that of a package, or if a tarball is missing
 */
export function createApp({ folder, version, packages }: AppOptions): void {
  const target = resolve(folder);
  const name = basename(target);
  if (!packageName.test(name)) {
    throw new AppError(`"${name}" cannot be the name of a package: use a to z, 0 to 9, "-", "_" and ".".`);
  }
  if (existsSync(target) && !isEmptyFolder(target)) throw new AppError(`${folder} exists and is not an empty folder.`);
  const sources = packages === undefined ? undefined : sourcesIn(resolve(packages), target, version);
  const manifest = toManifest({ name, version, sources });
  cpSync(template, target, { recursive: true });
  for (const [from, to] of Object.entries(renamed)) renameSync(join(target, from), join(target, to));
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
}

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

/** Tarballs by package, as dependencies of the app. */
function sourcesIn(packages: string, target: string, version: string): Dependencies {
  const found = findTarballs(packages, version);
  if (found.size === 0) throw new AppError(`${packages} has no tarballs of version ${version} (npm run pack:all).`);
  const toSource = (file: string) => `file:${relative(target, join(packages, file)).replaceAll('\\', '/')}`;
  return Object.fromEntries([...found].map(([name, file]) => [name, toSource(file)]));
}

interface ManifestValues {
  readonly name: string;
  readonly version: string;
  readonly sources: Dependencies | undefined;
}

/** The manifest of the template, with the name of the app and the sources of the packages. */
function toManifest({ name, version, sources }: ManifestValues): AppManifest {
  const manifest = JSON.parse(readFileSync(join(template, 'package.json'), 'utf8')) as AppManifest;
  manifest.name = name;
  for (const dependencies of [manifest.dependencies, manifest.devDependencies]) {
    for (const one of Object.keys(dependencies).filter(isOwn)) {
      dependencies[one] = sources === undefined ? `^${version}` : ownSource(sources, one);
    }
  }
  // Packages of Latchkey depend on each other, too.
  if (sources !== undefined) manifest.overrides = sources;
  return manifest;
}

const isOwn = (name: string) => name.startsWith('@latchkey/');

function ownSource(sources: Dependencies, name: string): string {
  const source = sources[name];
  if (source === undefined) throw new AppError(`There is no tarball of ${name} (npm run pack:all).`);
  return source;
}

/** The app could not be written. The message names the cause. */
export class AppError extends Error {
  override readonly name = 'AppError';
}
