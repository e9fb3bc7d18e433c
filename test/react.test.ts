import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import type { ReactPage } from './browser/react-page.ts';
import { newProfile, type Profile } from './harness/chromium.ts';
import { freePort } from './harness/free-port.ts';
import { type ServiceProcess, startService } from './harness/service-process.ts';
import { sharedBrowser } from './harness/shared-browser.ts';

declare const page: ReactPage;

async function bundleApp(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./browser/react-page.ts', import.meta.url))],
    bundle: true,
    write: false,
    format: 'esm',
    conditions: ['source'],
    define: { 'process.env.NODE_ENV': '"development"' },
  });
  return outputFiles[0]!.text;
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
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  });
  after(async () => {
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
    it(`has one session, one socket and one rotation when ${query === '' ? 'the provider makes it' : 'it is given'}`, async () => {
      await open(query);
      await shows('signed_out');
      expect(await tab.evaluate(() => [page.effects, page.rendered.join(' ')])).to.deep.equal([
        2,
        'joining signed_out',
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
        'joining active',
        2,
      ]);

      await tab.evaluate(() => page.root.unmount());
      if (query === '') await expectSoon(() => traffic.open === 0);
      else expect(await tab.evaluate(() => page.given?.state.status)).to.equal('active');
      expect(profile.errors()).to.deep.equal([]);
    });
  }

  async function expectSoon(holds: () => boolean): Promise<void> {
    for (let round = 0; round < 100 && !holds(); round += 1) await tab.waitForTimeout(20);
    expect(holds()).to.equal(true);
  }
});
