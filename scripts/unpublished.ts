import { readPublishedPackages } from './published-packages.ts';

/**
 * Tarballs, as `npm pack` names them, of the packages whose version a registry lacks. A package comes after those that it depends on.
 *
 * @param registry URL, such as `https://registry.npmjs.org/`
 * @throws Error if the registry answers neither 200 nor 404
 */
export async function listUnpublished(registry: string): Promise<readonly string[]> {
  const packages = readPublishedPackages();
  const published = await Promise.all(packages.map(({ name, version }) => isPublished(registry, name, version)));
  return packages
    .filter((_one, index) => !published[index])
    .map(({ name, version }) => `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
}

async function isPublished(registry: string, name: string, version: string): Promise<boolean> {
  const url = new URL(`${name.replace('/', '%2f')}/${version}`, registry);
  const { status } = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  if (status !== 200 && status !== 404) throw new Error(`${url} answered ${status}`);
  return status === 200;
}

/** usage: node --import tsx scripts/unpublished.ts. Prints them in one line. */
if (process.argv[1]?.endsWith('scripts/unpublished.ts'))
  process.stdout.write((await listUnpublished('https://registry.npmjs.org/')).join(' '));
