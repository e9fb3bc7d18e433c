import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { freePort } from '../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import type { ReactPage } from './browser/react-page.ts';

declare const page: ReactPage;

async function bundleApp(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./browser/react-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['@latchkey/source'],
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  return outputFiles[0]!.text;
}

/** The page's server as a backend: sockets of its own, and one call that says who calls. */
async function serveCalls(service: ServiceProcess, server: Server, origin: string): Promise<Latchkey> {
  const { backend_id, backend_secret } = JSON.parse(readFileSync(join(service.dataFolder, 'backend.json'), 'utf8'));
  const latchkey = createLatchkey({
    url: service.url,
    backendId: backend_id,
    backendSecret: backend_secret,
    publicUrl: origin,
  });
  const io = latchkey.socketServe(server, { origins: [origin] });
  const input = z.object({ word: z.string() });
  latchkey.apiRouter(io, 'api').on('echo', { input }, ({ word }, { userId }) => ({ userId, word }));
  return latchkey;
}

/** What a tab sent and opened since it was loaded. */
interface Traffic {
  sockets: number;
  open: number;
  authenticates: number;
  requests: string[];
}

describe('React under StrictMode', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let server: Server;
  let latchkey: Latchkey;
  let url: string;
  let profile: Profile;
  let tab: Page;
  let traffic: Traffic;

  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    service = await startService({ env: { LATCHKEY_ALLOWED_ORIGINS: url } });
    await service.ready();
    const script = await bundleApp();
    const html =
      '<!doctype html><title>app</title><link rel="icon" href="data:,"><body><script type="module" src="/app.js"></script>';
    server = createServer((request, response) => {
      const isScript = request.url === '/app.js';
      response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html').end(isScript ? script : html);
    });
    latchkey = await serveCalls(service, server, url);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await latchkey.ready();
  });
  after(async () => {
    latchkey?.close();
    server?.closeAllConnections();
    server?.close();
    await service?.stop();
  });
  beforeEach(async () => {
    profile = await newProfile(await sharedBrowser.get());
    tab = await profile.newPage();
    tab.on('request', (request) => {
      if (request.url().startsWith(service.url) && request.method() === 'POST')
        traffic.requests.push(new URL(request.url()).pathname);
    });
    tab.on('websocket', (socket) => {
      traffic.sockets += 1;
      traffic.open += 1;
      socket.on('close', () => {
        traffic.open -= 1;
      });
      socket.on('framesent', ({ payload }) => {
        if (String(payload).includes('"authenticate"')) traffic.authenticates += 1;
      });
    });
  });
  afterEach(() => profile.close());

  async function open(query = ''): Promise<void> {
    traffic = { sockets: 0, open: 0, authenticates: 0, requests: [] };
    await tab.goto(`${url}/?service=${encodeURIComponent(service.url)}${query}`);
  }
  const shows = (status: string) =>
    tab.waitForFunction((wanted) => document.querySelector('p')?.textContent === wanted, status);

  for (const query of ['', '&given=yes']) {
    it(`has one session, one socket and one rotation when ${query === '' ? 'the provider creates it' : 'it is given'}`, async () => {
      await open(query);
      await shows('signed_out');
      expect(await tab.evaluate(() => [page.effects, page.rendered.join(' ')])).to.deep.equal([
        2,
        'connecting signed_out',
      ]);
      expect(traffic).to.deep.equal({ sockets: 0, open: 0, authenticates: 0, requests: [] });
      const email = `react${query.length}@example.com`;
      await tab.evaluate((input) => page.current.register(input), { email, password: 'violet anchor rain' });
      await shows('active');
      expect([traffic.sockets, traffic.authenticates]).to.deep.equal([1, 1]);

      await open(query);
      await shows('active');
      await tab.waitForTimeout(300);
      expect(traffic).to.deep.equal({ sockets: 1, open: 1, authenticates: 1, requests: [] });
      expect(await tab.evaluate(() => [page.rendered.join(' '), page.current.generation])).to.deep.equal([
        'connecting active',
        2,
      ]);

      await tab.evaluate(() => page.root.unmount());
      if (query === '') await expectSoon(() => traffic.open === 0);
      else expect(await tab.evaluate(() => page.given?.state.status)).to.equal('active');
      expect(profile.errors()).to.deep.equal([]);
    });
  }

  for (const query of ['', '&given=yes']) {
    it(`continues when it is visible again, ${query === '' ? 'with a session of the provider' : 'with a given session'}`, async () => {
      await open(query);
      const pending = new Set<unknown>();
      tab.on('request', (request) => pending.add(request));
      for (const end of ['requestfinished', 'requestfailed'] as const)
        tab.on(end as 'requestfinished', (request) => pending.delete(request));
      await shows('signed_out');
      const email = `hidden${query.length}@example.com`;
      await tab.evaluate((input) => page.current.register(input), { email, password: 'violet anchor rain' });
      await shows('active');
      await tab.evaluate(() => page.show(false));
      if (query === '') await expectSoon(() => traffic.open === 0);

      await tab.evaluate(() => page.show(true));
      await expectSoon(() => traffic.open === 1);
      await shows('active');
      expect(traffic.sockets).to.equal(query === '' ? 2 : 1);
      // The account is read again. A request that is under way while the session ends is refused.
      await tab.waitForTimeout(300);
      await expectSoon(() => pending.size === 0);
      await tab.evaluate(() => page.current.logout());
      await shows('signed_out');
      expect(profile.errors()).to.deep.equal([]);
    });
  }

  it('has the profile of the signed-in user with useAccount, and none after the deletion', async () => {
    await open();
    await shows('signed_out');
    const read = () =>
      tab.evaluate(() => [page.account.profile?.email, page.account.error?.code, page.account.isLoading]);
    expect(await read()).to.deep.equal([undefined, undefined, false]);
    const email = 'account@example.com';
    await tab.evaluate((input) => page.current.register(input), { email, password: 'violet anchor rain' });
    await tab.waitForFunction(() => page.account.profile !== undefined);
    expect(await read()).to.deep.equal([email, undefined, false]);
    await tab.evaluate(() => page.account.update({ name: 'Ada' }));
    expect(await tab.evaluate(() => page.account.profile?.name)).to.equal('Ada');
    await tab.waitForFunction(() => page.current.user?.name === 'Ada');
    await tab.evaluate(() => page.account.delete());
    await shows('signed_out');
    expect([await read(), await tab.evaluate(() => page.current.reason)]).to.deep.equal([
      [undefined, undefined, false],
      'user_deleted',
    ]);
    expect(profile.errors()).to.deep.equal([]);
  });

  it('calls the app’s own api with useApi, refusals and the session’s end included', async () => {
    await open('&calls=yes');
    await shows('signed_out');
    const outcome = () => tab.evaluate(() => page.echo('now').catch(({ code }: { readonly code: string }) => code));
    expect(await outcome()).to.equal('unauthenticated');
    const { id: userId } = await tab.evaluate((input) => page.current.register(input), {
      email: 'calls@example.com',
      password: 'violet anchor rain',
    });
    await shows('active');
    expect(await outcome()).to.deep.equal({ userId, word: 'now' });
    await tab.evaluate(() => page.show(false));
    await expectSoon(() => traffic.open === 0);
    await tab.evaluate(() => page.show(true));
    await expectSoon(() => traffic.open === 1);
    await shows('active');
    expect(await outcome(), 'after it was hidden').to.deep.equal({ userId, word: 'now' });
    await tab.evaluate(() => page.current.logout());
    await shows('signed_out');
    expect(await outcome()).to.equal('unauthenticated');
  });

  async function expectSoon(holds: () => boolean): Promise<void> {
    for (let round = 0; round < 100 && !holds(); round += 1) await tab.waitForTimeout(20);
    expect(holds()).to.equal(true);
  }
});
