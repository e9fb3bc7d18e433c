import { type StdioOptions, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { AppError, createApp } from '../src/create-app.ts';

const readJson = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const packages = ['contract', 'core', 'migrations', 'sdk-browser', 'sdk-server', 'service'];

describe('createApp', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-create-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function writeTarballs(names: readonly string[], version = '1.2.3'): string {
    const tarballs = join(folder, 'tarballs');
    mkdirSync(tarballs);
    for (const name of names) writeFileSync(join(tarballs, `latchkey-${name}-${version}.tgz`), '');
    return tarballs;
  }

  it('writes the template under the name of the folder, with the packages of its own version', () => {
    createApp({ folder: join(folder, 'shop'), version: '1.2.3' });
    const { name, dependencies, devDependencies, overrides } = readJson(folder, 'shop', 'package.json');
    expect([name, overrides]).to.deep.equal(['shop', undefined]);
    expect(dependencies).to.include({ '@latchkey/sdk-browser': '^1.2.3', '@latchkey/sdk-server': '^1.2.3' });
    expect(devDependencies).to.include({ '@latchkey/service': '^1.2.3' });
    expect(readdirSync(join(folder, 'shop'))).to.include.members(['.gitignore', '.env.development', 'server', 'src']);
    expect(existsSync(join(folder, 'shop', 'gitignore'))).to.equal(false);
  });

  it('takes all packages from tarballs when their folder is named', () => {
    const tarballs = writeTarballs(packages);
    createApp({ folder: join(folder, 'shop'), version: '1.2.3', packages: tarballs });
    const { dependencies, overrides } = readJson(folder, 'shop', 'package.json');
    expect(dependencies['@latchkey/sdk-server']).to.equal('file:../tarballs/latchkey-sdk-server-1.2.3.tgz');
    expect(overrides).to.have.keys(packages.map((name) => `@latchkey/${name}`));
  });

  it('writes nothing when there are no tarballs of its version, or one is missing', () => {
    const tarballs = writeTarballs(packages, '1.2.2');
    const create = () => createApp({ folder: join(folder, 'shop'), version: '1.2.3', packages: tarballs });
    expect(create).to.throw(AppError, 'has no tarballs of version 1.2.3 (npm run pack:all)');
    writeFileSync(join(tarballs, 'latchkey-core-1.2.3.tgz'), '');
    expect(create).to.throw(AppError, 'There is no tarball of @latchkey/sdk-browser (npm run pack:all).');
    expect(existsSync(join(folder, 'shop'))).to.equal(false);
  });

  it('accepts an empty folder, and refuses one with files and a file', () => {
    mkdirSync(join(folder, 'shop'));
    createApp({ folder: join(folder, 'shop'), version: '1.2.3' });
    writeFileSync(join(folder, 'file'), '');
    for (const name of ['shop', 'file'])
      expect(() => createApp({ folder: join(folder, name), version: '1.2.3' })).to.throw(
        AppError,
        `${join(folder, name)} exists and is not an empty folder.`,
      );
  });

  it('says why it cannot write, and leaves nothing of what it made', () => {
    const create = (target: string) => () => createApp({ folder: target, version: '1.2.3' });
    const missing = longPath(folder);
    const expected = `${missing} could not be written: name too long (ENAMETOOLONG).`;
    for (let runs = 0; runs < 2; runs += 1) expect(create(missing)).to.throw(AppError, expected);
    expect(readdirSync(folder)).to.deep.equal([]);
    expect(create('/proc/shop')).to.throw(
      AppError,
      '/proc/shop could not be written: no such file or directory (ENOENT).',
    );
  });

  it('removes neither a folder nor a file that was there before', () => {
    const empty = longPath(folder);
    mkdirSync(empty, { recursive: true });
    expect(() => createApp({ folder: empty, version: '1.2.3' })).to.throw(AppError, '(ENAMETOOLONG)');
    expect(readdirSync(empty)).to.deep.equal([]);
    writeFileSync(join(folder, 'file'), 'text');
    const inFile = join(folder, 'file', 'shop');
    expect(() => createApp({ folder: inFile, version: '1.2.3' })).to.throw(
      AppError,
      `${inFile} could not be written: not a directory (ENOTDIR).`,
    );
    expect(readFileSync(join(folder, 'file'), 'utf8')).to.equal('text');
  });

  it('refuses a name that no package can have', () => {
    for (const name of ['My App', '.app', 'ä'])
      expect(() => createApp({ folder: join(folder, name), version: '1.2.3' })).to.throw(AppError, `"${name}" cannot`);
  });
});

/** A folder that can be made, with no room in its path for the longest files of the template. */
function longPath(folder: string): string {
  const maxLength = 4_095 - '/.env.development'.length;
  let path = folder;
  while (path.length + 2 < maxLength) path = join(path, 'a'.repeat(Math.min(200, maxLength - path.length - 1)));
  return path;
}

describe('npm create latchkey', function () {
  this.timeout(20_000);

  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-create-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function create(line: string) {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const script = `create() { "$0" --import '${import.meta.resolve('tsx')}' '${main}' "$@"; }; ${line}`;
    const options = {
      cwd: folder,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'ignore', 'pipe'] satisfies StdioOptions,
    };
    const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath], options);
    return { status, errors: String(stderr) };
  }

  it('makes the app when the reader of its output has ended', () => {
    expect(create('set -o pipefail; create shop | true')).to.deep.equal({ status: 0, errors: '' });
    expect(existsSync(join(folder, 'shop', 'package.json'))).to.equal(true);
  });

  it('shows the help to a reader that ends', () => {
    expect(create('set -o pipefail; create --help | true')).to.deep.equal({ status: 0, errors: '' });
  });

  it('ends with 1 and one sentence when it cannot write', () => {
    const errors = '/proc/shop could not be written: no such file or directory (ENOENT).\n';
    expect(create('create /proc/shop')).to.deep.equal({ status: 1, errors });
  });
});

describe('the template', () => {
  const template = readJson('create-latchkey/template/package.json');
  const manifests = ['.', 'sdk-server', 'sdk-browser', 'service', 'service/pages'].map((one) =>
    readJson(one, 'package.json'),
  );
  const known = Object.assign({}, ...manifests.flatMap((one) => [one.dependencies, one.devDependencies]));

  it('has the versions that this repository is tested with', () => {
    const asked = Object.entries({ ...template.dependencies, ...template.devDependencies });
    const isOther = (name: string) => name.startsWith('@latchkey/') || name === '@types/node';
    const compared = asked.filter(([name]) => known[name] !== undefined && !isOther(name));
    expect(compared).to.have.length.of.at.least(9);
    expect(compared).to.deep.equal(compared.map(([name]) => [name, known[name]]));
  });

  it('asks for the Node of the packages', () => {
    expect(template.engines).to.deep.equal(readJson('service/package.json').engines);
  });
});
