import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { satisfies } from 'semver';
import { packAll } from '../scripts/pack-all.ts';
import { readPublishedPackages } from '../scripts/published-packages.ts';
import { newProfile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { freePort } from '../test-kit/free-port.ts';
import { checkEntries } from './created-app/entries.ts';
import { type NpmProgram, run, start } from './created-app/npm.ts';

/** Longer on a machine that is busy with other work. */
const withinSeconds = (seconds: number) => seconds * 1_000 * Math.max(1, loadavg()[0]! / availableParallelism());

/** The environment of an app on ports of its own. */
async function freePorts() {
  const [page, server, service] = [await freePort(), await freePort(), await freePort()];
  const url = `http://localhost:${page}`;
  return {
    APP_URL: url,
    APP_PORT: String(server),
    VITE_SERVICE_URL: `http://localhost:${service}`,
    PORT: String(service),
    LATCHKEY_ALLOWED_ORIGINS: url,
  };
}

const { engines } = readPublishedPackages()[0]!;

describe('a new app of create-latchkey, from the tarballs', function () {
  this.timeout(300_000);
  let folder: string;
  let app: string;
  let installation: string;
  let program: NpmProgram | undefined;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-created-app-'));
    const tarballs = join(folder, 'tarballs');
    mkdirSync(tarballs);
    packAll(tarballs);
    const creator = join(tarballs, readdirSync(tarballs).find((file) => file.startsWith('create-latchkey-'))!);
    await run(
      folder,
      'npm',
      'exec',
      '--yes',
      `--package=${creator}`,
      '--',
      'create-latchkey',
      'app',
      '--packages',
      'tarballs',
    );
    app = join(folder, 'app');
    installation = await run(app, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  afterEach(async () => {
    await program?.stop();
    program = undefined;
  });

  it('is installed by npm without a warning, other than of the age of Node', () => {
    const warnings = installation.split('\n').filter((line) => /\bwarn\b/i.test(line));
    const isSupported = satisfies(process.version, engines!.node);
    expect(warnings.filter((line) => isSupported || !line.includes('EBADENGINE'))).to.deep.equal([]);
  });

  it('starts the service by npx in an empty folder: installed and ready within 20 s of the command', async () => {
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    const own = readdirSync(join(folder, 'tarballs')).filter((file) => file.startsWith('latchkey-'));
    const packages = own.map((file) => `--package=${join(folder, 'tarballs', file)}`);
    const port = await freePort();
    const command = ['--yes', '--prefer-offline', ...packages, '--', 'latchkey'];
    program = start(empty, ['npx', ...command], { PORT: String(port) });
    await program.answers(`http://localhost:${port}/health/ready`, 200, withinSeconds(20));
    await program.answers(`http://localhost:${port}/signin`, 200, withinSeconds(5));
    expect(program.log()).to.include(`http://localhost:${port}/signup#operator=`);
  });

  it('has declarations without an error, those of guards and hooks too', async () => {
    await run(app, 'npm', 'install', '--no-save', '--prefer-offline', '--no-audit', '--no-fund', 'fastify');
    const errors = await Promise.all([checkEntries(app, 'node16'), checkEntries(app, 'bundler')]);
    expect(errors.flat()).to.deep.equal([]);
  });

  it('loads the packages by require and by import, one instance of each', async () => {
    const script = `import { Failure } from '@latchkey/sdk-server'; import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      console.log(require('@latchkey/sdk-server').Failure === Failure, typeof require('@latchkey/sdk-browser').createSession);`;
    expect(await run(app, process.execPath, '--input-type=module', '-e', script)).to.equal('true function\n');
  });

  it('is built without an error of its types', async () => {
    await run(app, 'npm', 'run', 'build');
    expect(readdirSync(join(app, 'dist'))).to.include('index.html');
  });

  it('signs a user up and out in both tabs, and shows a note of one tab in the other', async () => {
    const env = await freePorts();
    const url = env.APP_URL;
    program = start(app, ['npm', 'run', 'dev'], env);
    await program.answers(`${url}/api/notes`, 401, withinSeconds(60));

    const profile = await newProfile(await sharedBrowser.get());
    profile.context.setDefaultTimeout(withinSeconds(20));
    const first = await profile.newPage(url);
    await first.getByLabel('Email').fill('ann@example.test');
    await first.getByLabel('Password').fill('violet anchor rain');
    await first.getByRole('button', { name: 'Create an account' }).click();
    await first.getByText('active', { exact: true }).waitFor();
    const second = await profile.newPage(url);
    await second.getByText('ann@example.test', { exact: true }).waitFor();
    await second.getByText('active', { exact: true }).waitFor();

    await first.getByLabel('Note').fill('Buy milk');
    await first.getByLabel('Note').press('Enter');
    await second.getByRole('listitem').filter({ hasText: 'Buy milk ann@example.test' }).waitFor();
    await second.reload();
    await second.getByRole('listitem').filter({ hasText: 'Buy milk' }).waitFor();
    expect(await first.getByRole('listitem').count()).to.equal(1);

    await second.getByRole('button', { name: 'Log out' }).click();
    await first.getByRole('button', { name: 'Sign in' }).waitFor();
    await first.getByLabel('Email').fill('ann@example.test');
    await first.getByLabel('Password').fill('violet anchor sun');
    await first.getByRole('button', { name: 'Sign in' }).click();
    await first.getByText('Email or password is wrong.').waitFor();
    await profile.close();
  });

  it('leaves no process when the reader of its output ends, or when one program ends', async () => {
    const env = await freePorts();
    program = start(app, ['bash', '-c', 'npm run dev 2>/dev/null | head -5'], env);
    await program.ended(withinSeconds(60));
    const taken = createServer().listen(Number(env.PORT), '127.0.0.1');
    program = start(app, ['npm', 'run', 'dev'], env);
    await program.ended(withinSeconds(60));
    taken.close();
    expect(program.log()).to.include(`PORT: ${env.PORT} on 127.0.0.1 is taken by another process.`);
  });
});
