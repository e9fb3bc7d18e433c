import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly license?: string;
  readonly workspaces: readonly string[];
}

const readJson = <T>(file: string) => JSON.parse(readFileSync(file, 'utf8')) as T;

const root = readJson<Manifest>('package.json');
const published = root.workspaces
  .map((folder) => ({ folder, ...readJson<Manifest>(join(folder, 'package.json')) }))
  .filter((one) => one.private !== true);

/** The files that npm would publish, by package. */
function packedFiles(): ReadonlyMap<string, readonly string[]> {
  const workspaces = published.flatMap(({ name }) => ['--workspace', name]);
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', ...workspaces], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const packed = JSON.parse(output) as { name: string; files: { path: string }[] }[];
  return new Map(packed.map(({ name, files }) => [name, files.map(({ path }) => path)]));
}

describe('published packages', () => {
  let packed: ReadonlyMap<string, readonly string[]>;

  before(function () {
    this.timeout(60_000);
    packed = packedFiles();
  });

  for (const { folder, name, license, version } of published) {
    it(`${name} has the license of the repository`, () => {
      expect(license).to.equal('MIT');
      expect(readFileSync(join(folder, 'LICENSE'), 'utf8')).to.equal(readFileSync('LICENSE', 'utf8'));
      expect(packed.get(name)).to.include('LICENSE');
    });

    it(`${name} has the version of the repository`, () => {
      expect(version).to.equal(root.version);
    });

    it(`${name} contains its build and sources, and no state of the compiler`, () => {
      expect(packed.get(name)).to.include.members(['dist/index.js', 'dist/index.d.ts', 'src/index.ts']);
      expect(packed.get(name)).to.not.include('dist/.tsbuildinfo');
    });
  }

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
