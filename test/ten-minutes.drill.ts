import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { packAll } from '../scripts/pack-all.ts';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { freePort } from '../test-kit/free-port.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { readBlocks, writeBlocks } from './docs/page-blocks.ts';
import { type ShellProcess, startShell } from './docs/shell-process.ts';

const page = 'docs/start/ten-minutes.md';
const folderName = 'notes';

describe(page, function () {
  this.timeout(180_000);
  let root: string;
  let folder: string;
  let appUrl: string;
  let processes: ShellProcess[];
  let profiles: Profile[];
  /** The page's own text, with free ports and with the tarballs in place of the names of packages. */
  let adapt: (text: string) => string;

  /** The shell blocks of the page: install, service, server, request. */
  const commands = async () => (await readBlocks(page)).filter(({ language }) => language === 'sh');

  async function run(command: string, cwd: string): Promise<string> {
    const { stdout } = await promisify(execFile)('bash', ['-ec', adapt(command)], { cwd, env: process.env });
    return stdout;
  }
  function start(command: string): ShellProcess {
    const started = startShell(adapt(command), folder);
    processes.push(started);
    return started;
  }

  before(async () => {
    [processes, profiles] = [[], []];
    root = await mkdtemp(join(tmpdir(), 'latchkey-ten-minutes-'));
    folder = join(root, folderName);
    const tarballs = packAll(root).map(({ filename }) => join(root, basename(filename)));
    const [servicePort, appPort] = [await freePort(), await freePort()];
    appUrl = `http://localhost:${appPort}`;
    adapt = (text) =>
      text
        .replaceAll('localhost:4000', `localhost:${servicePort}`)
        .replaceAll('localhost:3000', `localhost:${appPort}`)
        .replace('listen(3000', `listen(${appPort}`)
        .replace('npx latchkey', `PORT=${servicePort} npx latchkey`)
        .replace(/npm install .*$/m, `npm install --no-audit --no-fund --prefer-offline ${tarballs.join(' ')} express`);
    const [install, service, server] = await commands();
    await run(install!.text, root);
    await writeBlocks(page, folder, adapt);
    await start(service!.text).prints('ready');
    await start(server!.text).prints('open http');
  });
  after(async () => {
    for (const profile of profiles) await profile.close();
    for (const one of processes.reverse()) await one.stop();
    await rm(root, { recursive: true, force: true });
  });

  async function visit(): Promise<Profile> {
    const profile = await newProfile(await sharedBrowser.get());
    profiles.push(profile);
    return profile;
  }
  async function signUp(profile: Profile, email: string): Promise<Page> {
    const tab = await profile.newPage(appUrl);
    await tab.getByLabel('Email').fill(email);
    await tab.getByLabel('Password').fill('violet anchor rain');
    await tab.getByRole('button', { name: 'Sign up' }).click();
    await tab.getByText(`Signed in as ${email}`).waitFor();
    return tab;
  }

  it('refuses the request without a token, as the page shows', async () => {
    const [, , , request] = await commands();
    const answer = await run(request!.text, folder);
    expect(answer).to.include('401 Unauthorized').and.to.include('"code":"unauthenticated"');
  });

  it('shows a note of one user to another one at once, and after a reload', async () => {
    const ann = await signUp(await visit(), 'ann@example.com');
    const bob = await signUp(await visit(), 'bob@example.com');
    await ann.getByLabel('Note').fill('milk');
    await ann.getByRole('button', { name: 'Add' }).click();
    for (const tab of [ann, bob]) await tab.getByRole('listitem').filter({ hasText: 'milk' }).waitFor();
    await bob.reload();
    await bob.getByRole('listitem').filter({ hasText: 'milk' }).waitFor();
    expect(await bob.getByRole('listitem').count()).to.equal(1);
  });

  it('has one session in two tabs: signed in without a password, and out in both', async () => {
    const profile = await visit();
    const first = await signUp(profile, 'cid@example.com');
    const second = await profile.newPage(appUrl);
    await second.getByText('Signed in as cid@example.com').waitFor();
    await second.getByRole('button', { name: 'Log out' }).click();
    for (const tab of [first, second]) await tab.getByLabel('Email').waitFor();
    expect(profile.errors()).to.deep.equal([]);
  });

  it('keeps users signed in while the server restarts', async () => {
    const tab = await signUp(await visit(), 'dot@example.com');
    await processes.pop()!.stop();
    const [, , server] = await commands();
    await start(server!.text).prints('open http');
    await waitFor(async () => {
      await tab.getByLabel('Note').fill('bread');
      await tab.getByRole('button', { name: 'Add' }).click();
      return (await tab.getByRole('listitem').filter({ hasText: 'bread' }).count()) > 0;
    }, 20_000);
    expect(await tab.getByText('Signed in as dot@example.com').isVisible()).to.equal(true);
  });
});
