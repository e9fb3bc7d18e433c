import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { getSystemErrorMap } from 'node:util';
import { findTarballs } from './tarballs.ts';
import { template, writeTemplate } from './template.ts';

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

/** By the rules of npm for a new package without a scope. */
const packageName = /^[a-z0-9][a-z0-9._-]{0,213}$/;

/**
 * Writes a new app. If that fails, nothing of it is left.
 *
 * @throws AppError if the folder is not empty or cannot be written, if its name cannot be that of a package, or if a
 * tarball is missing
 */
export function createApp(options: AppOptions): void {
  try {
    writeApp(options);
  } catch (error) {
    const reason = systemReason(error as NodeJS.ErrnoException);
    if (reason === undefined) throw error;
    throw new AppError(`${options.folder} could not be written: ${reason}.`, { cause: error });
  }
}

function writeApp({ folder, version, packages }: AppOptions): void {
  const target = resolve(folder);
  const name = basename(target);
  if (!packageName.test(name)) {
    throw new AppError(`"${name}" cannot be the name of a package: use a to z, 0 to 9, "-", "_" and ".".`);
  }
  if (!isEmptyOrMissing(target)) throw new AppError(`${folder} exists and is not an empty folder.`);
  const sources = packages === undefined ? undefined : sourcesIn(resolve(packages), target, version);
  const manifest = toManifest({ name, version, sources });
  writeTemplate(target, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** The words for a failed call of the system, such as "permission denied (EACCES)". Undefined for any other error. */
function systemReason({ code }: NodeJS.ErrnoException): string | undefined {
  // By its code, because the number is negative from some calls and positive from others.
  const [, words] = [...getSystemErrorMap().values()].find(([name]) => name === code) ?? [];
  return words === undefined ? undefined : `${words} (${code})`;
}

function isEmptyOrMissing(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return !existsSync(path);
    throw error;
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
