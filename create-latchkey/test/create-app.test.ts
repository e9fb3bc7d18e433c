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

  it('refuses a name that no package can have', () => {
    for (const name of ['My App', '.app', 'ä'])
      expect(() => createApp({ folder: join(folder, name), version: '1.2.3' })).to.throw(AppError, `"${name}" cannot`);
  });
});

describe('npm create latchkey', function () {
  this.timeout(20_000);

  it('makes the app when the reader of its output has ended', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-create-'));
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    const line = `"$0" --import '${import.meta.resolve('tsx')}' '${main}' shop | true; exit "\${PIPESTATUS[0]}"`;
    const options = {
      cwd: folder,
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'ignore', 'pipe'] satisfies StdioOptions,
    };
    const { status, stderr } = spawnSync('bash', ['-c', line, process.execPath], options);
    expect({ status, errors: String(stderr) }).to.deep.equal({ status: 0, errors: '' });
    expect(existsSync(join(folder, 'shop', 'package.json'))).to.equal(true);
    rmSync(folder, { recursive: true, force: true });
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
