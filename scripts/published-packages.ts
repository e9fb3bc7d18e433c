import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What this repository reads of a `package.json`. */
interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly description?: string;
  readonly keywords?: readonly string[];
  readonly homepage?: string;
  readonly bugs?: string;
  readonly license?: string;
  readonly type?: string;
  readonly workspaces?: readonly string[];
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly publishConfig?: { readonly access: string; readonly provenance: boolean };
  readonly engines?: { readonly node: string };
  readonly bin?: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, string | { readonly require?: unknown }>>;
}

/** A workspace that npm publishes, and its folder. */
interface PublishedPackage extends Manifest {
  readonly folder: string;
}

/** Reads a `package.json` of a folder, by default that of the repository. */
export function readManifest(folder = '.'): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

/** The workspaces that are not private. */
export function readPublishedPackages(): readonly PublishedPackage[] {
  return (readManifest().workspaces ?? [])
    .map((folder) => ({ folder, ...readManifest(folder) }))
    .filter((one) => one.private !== true);
}

/** Address of the public repository, as a browser opens it: `https://HOST/OWNER/NAME`. */
export function repositoryAddress({ repository }: Manifest = readManifest()): string {
  return (repository?.url ?? '').replace(/^git\+/, '').replace(/\.git$/, '');
}
