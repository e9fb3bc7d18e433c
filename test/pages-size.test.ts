import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { buildPages } from './pages/site.ts';

/** A script of the build, and those that it needs at once. */
interface Chunk {
  readonly file: string;
  readonly imports?: readonly string[];
}

const dist = 'service/pages/dist';
const maxBytes = 30_720;

function read(): Readonly<Record<string, Chunk>> {
  return JSON.parse(readFileSync(`${dist}/.vite/manifest.json`, 'utf8')) as Record<string, Chunk>;
}

/** The files of some entries with all that they import, but not what they load later. */
function filesOf(manifest: Readonly<Record<string, Chunk>>, entries: readonly string[]): Set<string> {
  const files = new Set<string>();
  const visit = (name: string): void => {
    const chunk = manifest[name];
    if (chunk === undefined) throw new Error(`The build has no ${name}.`);
    if (files.has(chunk.file)) return;
    files.add(chunk.file);
    for (const inner of chunk.imports ?? []) visit(inner);
  };
  for (const entry of entries) visit(entry);
  return files;
}

const sizeOf = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(`${dist}/${file}`)).length, 0);

/** What a sign-in page needs before the user submits a form. The session client comes later, where it comes at all. */
const signIns = {
  'an app': 'src/redirect/start.tsx',
  'the service itself': 'src/start.tsx',
};

describe('the scripts of the sign-in page', function () {
  this.timeout(60_000);
  before(buildPages);

  for (const language of ['en', 'de'])
    for (const [target, entry] of Object.entries(signIns))
      it(`have at most 30 KiB (gzip) for a sign-in to ${target}, in ${language}`, () => {
        const words = `src/words/languages/${language}.ts?entry`;
        const files = filesOf(read(), ['index.html', entry, words]);
        const bytes = sizeOf(files);
        console.log(`      ${bytes} bytes in ${files.size} scripts`);
        expect(bytes).to.be.at.most(maxBytes);
      });
});
