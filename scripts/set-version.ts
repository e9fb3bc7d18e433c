import { readFileSync, writeFileSync } from 'node:fs';
import { readManifest } from './published-packages.ts';

/** Run by `npm run version`: gives the repository, the image and the manifests the version that the changesets gave the packages. */
function main(): void {
  const { version } = readManifest('contract');
  replaceIn('package.json', /^ {2}"version": ".*"/m, `  "version": "${version}"`);
  replaceIn('Dockerfile', /^ARG VERSION=.*/m, `ARG VERSION=${version}`);
  replaceIn('deploy/kubernetes/latchkey.yaml', /image: latchkey:.*/g, `image: latchkey:${version}`);
}

/** @throws Error if the file has no such text */
function replaceIn(file: string, pattern: RegExp, text: string): void {
  const before = readFileSync(file, 'utf8');
  if (!pattern.test(before)) throw new Error(`${file} has no ${pattern.source}`);
  writeFileSync(file, before.replace(pattern, text));
}

main();
