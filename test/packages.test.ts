import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { minVersion, subset } from 'semver';
import { packAll } from '../scripts/pack-all.ts';
import { readManifest, readPublishedPackages, repositoryAddress } from '../scripts/published-packages.ts';
import { hasHeading } from './docs/headings.ts';

interface LockedPackage {
  readonly dev?: boolean;
  readonly link?: boolean;
  readonly engines?: { readonly node?: string };
}

const readJson = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T;
const readReadme = (folder: string) => readFileSync(join(folder, 'README.md'), 'utf8');

const root = readManifest();
const address = repositoryAddress(root);
const published = readPublishedPackages();
const node = published[0]!.engines!.node;
const oldestNode = minVersion(node)!.version.replace(/\.0$/, '');

/** Links of a page that a registry cannot follow: relative ones, and those to a file or heading that does not exist. */
function brokenLinks(text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
  return links.filter((link) => {
    if (!link.startsWith(`${address}/`)) return !link.startsWith('https://');
    const [, file = '', heading] = /^\/(?:blob|tree)\/main\/([^#]+)(?:#(.+))?$/.exec(link.slice(address.length)) ?? [];
    return !existsSync(file) || !hasHeading(file, heading);
  });
}

/** Files that the entries of a manifest name, other than those of this repository's own condition. */
function entryFiles(target: unknown): string[] {
  if (typeof target === 'string') return [target.replace('./', '')];
  const conditions = Object.entries(target ?? {}).filter(([name]) => name !== '@latchkey/source');
  return conditions.flatMap(([, inner]) => entryFiles(inner));
}

describe('published packages', () => {
  let packed: ReadonlyMap<string, readonly string[]>;

  before(function () {
    this.timeout(60_000);
    packed = new Map(packAll().map(({ name, files }) => [name, files.map(({ path }) => path)]));
  });

  for (const { folder, name, ...manifest } of published) {
    describe(name, () => {
      it('has the license and the version of the repository', () => {
        expect([manifest.license, manifest.version]).to.deep.equal(['MIT', root.version]);
        expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).to.equal(readFileSync('LICENSE', 'utf8'));
        expect(packed.get(name)).to.include('LICENSE');
      });

      it('names its purpose, its repository and how it is published', () => {
        expect(manifest.description).to.match(/^[A-Z].{20,}[^.]$/);
        expect(manifest.keywords).to.include('latchkey').and.have.length.of.at.least(5);
        expect(manifest.repository).to.deep.equal({ ...root.repository, directory: folder });
        expect([manifest.homepage, manifest.bugs]).to.deep.equal([root.homepage, root.bugs]);
        expect(manifest.publishConfig).to.deep.equal({ access: 'public', provenance: true });
        expect([manifest.type, manifest.engines]).to.deep.equal(['module', { node }]);
      });

      it('has a README whose links work outside of the repository', () => {
        const text = readReadme(folder);
        expect(text).to.match(new RegExp(`^# ${name}\n`));
        expect(text).to.include(`Node ${oldestNode} or newer`);
        expect(brokenLinks(text)).to.deep.equal([]);
        expect(packed.get(name)).to.include('README.md');
      });

      it('contains each file of its entries and programs', () => {
        const files = [...entryFiles(manifest.exports), ...Object.values(manifest.bin ?? {})];
        expect(files).to.have.length.of.at.least(1);
        expect(packed.get(name)).to.include.members(files);
        for (const program of Object.values(manifest.bin ?? {}))
          expect(readFileSync(join(folder, program), 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/);
      });

      it('contains neither sources, maps and tests nor state of the compiler', () => {
        const unneeded = /^(?:src|test|bench)\/|\.map$|\.tsbuildinfo$|(?:^|\/)\.vite\/|(?<!\.d)\.ts$/;
        const files = packed.get(name)!.filter((file) => !file.startsWith('template/'));
        expect(files.filter((file) => unneeded.test(file))).to.deep.equal([]);
      });

      it('contains no module whose source was removed', () => {
        const modules = packed.get(name)!.filter((file) => /^dist\/.*(?<!\.min)\.js$/.test(file));
        const sources = modules.map((file) => join(folder, file.replace(/^dist/, 'src').replace(/\.js$/, '.ts')));
        expect(sources.filter((file) => !existsSync(file))).to.deep.equal([]);
      });

      it('contains no path of the machine that built it', () => {
        const texts = packed
          .get(name)!
          .filter((file) => readFileSync(join(folder, file), 'utf8').includes(process.cwd()));
        expect(texts).to.deep.equal([]);
      });

      it('states which kinds of modules may use it', () => {
        const entries = Object.values(manifest.exports ?? {}).filter((entry) => typeof entry !== 'string');
        const hasCommonJs = entries.some((entry) => entry.require !== undefined);
        expect(hasCommonJs && entries.every((entry) => entry.require !== undefined)).to.equal(hasCommonJs);
        if (entries.length > 0) expect(readReadme(folder)).to.include(hasCommonJs ? 'CommonJS' : 'ES modules only');
      });
    });
  }

  it('ask for the Node that the repository, its guides and a new app name', () => {
    const named = ['.', 'create-latchkey/template'].map((folder) => readManifest(folder).engines?.node);
    expect(named).to.deep.equal([node, node]);
    for (const file of ['README.md', 'CONTRIBUTING.md', 'docs/start/try-it.md', 'docs/start/ten-minutes.md'])
      expect(readFileSync(file, 'utf8'), file).to.include(`Node ${oldestNode} or newer`);
  });

  it('ask for a Node that every dependency supports', () => {
    const locked = Object.entries(readJson<{ packages: Record<string, LockedPackage> }>('package-lock.json').packages);
    const needs = locked.filter(([path, { dev, link }]) => path.includes('node_modules/') && !dev && !link);
    expect(needs).to.have.length.of.at.least(50);
    const refused = needs.filter(([, { engines }]) => !subset(node, engines?.node ?? '*'));
    expect(refused.map(([path, { engines }]) => `${path} ${engines?.node}`)).to.deep.equal([]);
  });

  it('of the service contain its pages', () => {
    expect(packed.get('@latchkey/service')).to.include('pages/dist/index.html');
  });

  it('have the version of the image', () => {
    expect(readFileSync('Dockerfile', 'utf8')).to.include(`\nARG VERSION=${root.version}\n`);
  });

  it('are released together', () => {
    const { fixed } = readJson<{ fixed: string[][] }>('.changeset/config.json');
    expect(fixed).to.have.length(1);
    expect(fixed[0]).to.have.members(published.map(({ name }) => name));
  });
});
