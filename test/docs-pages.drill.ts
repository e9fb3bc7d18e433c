import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { createPlainClient } from '../test-kit/client/plain-client.ts';
import { freePort } from '../test-kit/free-port.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { buildDocsApp, type DocsApp, type DocsPage, docsPages } from './browser/docs-app.ts';
import { developersCredential } from './link/app-process.ts';
import { buildPages } from './pages/site.ts';
import { enterCredentials } from './pages/visitor.ts';

const password = 'violet anchor rain';

interface PageGlobals {
  readonly session: { logout(): Promise<unknown> };
  leave(): void;
  listeners?(): number;
  readonly watched: { readonly sockets: WebSocket[]; authenticated: number };
}

/** Runs in the page before its scripts: keeps its WebSockets, and counts how often the session was authenticated. */
function watchSockets(): void {
  const watched: PageGlobals['watched'] = { sockets: [], authenticated: 0 };
  const { WebSocket: Base } = globalThis;
  globalThis.WebSocket = class extends Base {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      watched.sockets.push(this);
      this.addEventListener('message', ({ data }) => {
        if (String(data).includes('["authenticated"')) watched.authenticated += 1;
      });
    }
  };
  Object.assign(globalThis, { watched });
}

describe('the pages of docs/build/browser, in a real browser', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let server: ServiceProcess;
  let app: DocsApp;
  let url: string;
  let profile: Profile;

  before(async () => {
    const [port, appPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${appPort}`;
    const env = {
      LATCHKEY_ALLOWED_ORIGINS: url,
      LATCHKEY_APP_URLS: docsPages.map((name) => `${url}/docs/${name}/`).join(),
    };
    [service, app] = await Promise.all([
      startService({ port, env }),
      buildDocsApp({ service: `http://127.0.0.1:${port}`, app: url, port: appPort }),
      buildPages(),
    ]);
    await service.ready();
    const { backend_id: BACKEND_ID, backend_secret: BACKEND_SECRET } = developersCredential(service);
    server = await startService({ entry: app.server, port: appPort, env: { BACKEND_ID, BACKEND_SECRET } });
    await waitFor(
      () =>
        fetch(url).then(
          ({ status }) => status === 401,
          () => false,
        ),
      20_000,
      server.log,
    );
  });
  after(async () => {
    await server?.stop();
    await service?.stop();
    await app?.remove();
  });
  afterEach(() => profile.close());

  /** Its files come from within the browser, its calls go to the server of the docs. */
  async function open(name: DocsPage): Promise<Page> {
    profile = await newProfile(await sharedBrowser.get());
    // A page that no server sent counts as one of the internet, which has to ask before it reaches this machine.
    await profile.context.grantPermissions(['local-network-access']);
    await profile.context.addInitScript(watchSockets);
    const { html, script } = app.pages[name];
    await profile.context.route(`${url}/docs/**`, (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: script })
        : route.fulfill({ contentType: 'text/html', body: html }),
    );
    return profile.newPage(`${url}/docs/${name}/`);
  }
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const says = (page: Page, text: string) => page.getByText(text).waitFor();
  async function signIn(page: Page, email: string): Promise<void> {
    await createPlainClient({ url: service.url }).register(email, password);
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(password);
    await press(page, 'Sign in');
    await page.getByRole('button', { name: 'Log out' }).waitFor();
  }

  for (const name of docsPages) {
    it(`signs in, calls, fetches, is loaded again, logs out, and signs in by redirect: ${name}`, async () => {
      const page = await open(name);
      const email = `${name}@example.com`;
      await signIn(page, email);
      await says(page, 'bound');
      await press(page, 'Call');
      await says(page, 'Hello you');
      await press(page, 'Fetch');
      await says(page, '{"user":"');
      await page.reload();
      await press(page, 'Log out');
      await press(page, 'Sign in at id.example.com');
      await enterCredentials(page, email, password);
      await page.waitForURL(`${url}/docs/${name}/`);
      await press(page, 'Log out');
      await page.getByLabel('Email').waitFor();
      expect(profile.errors()).to.deep.equal([]);
    });
  }

  for (const name of docsPages) {
    it(`stays mounted while the session reconnects: ${name}`, async () => {
      const page = await open(name);
      await signIn(page, `stays.${name}@example.com`);
      await press(page, 'Call');
      await says(page, 'Hello you');
      const button = (await page.getByRole('button', { name: 'Log out' }).elementHandle())!;
      await page.evaluate(() => (globalThis as unknown as PageGlobals).watched.sockets.at(-1)!.close());
      await page.waitForFunction(() => (globalThis as unknown as PageGlobals).watched.authenticated === 2);
      await press(page, 'Call');
      expect(await button.evaluate((element) => element.isConnected)).to.equal(true);
      expect(profile.errors()).to.deep.equal([]);
    });
  }

  for (const [name, ...listeners] of [
    ['vue', undefined, undefined],
    ['svelte', 1, 0],
  ] as const) {
    it(`keeps no socket or listener after the component is unmounted: ${name}`, async () => {
      const page = await open(name);
      await signIn(page, `gone.${name}@example.com`);
      const heard = () => page.evaluate(() => (globalThis as unknown as PageGlobals).listeners?.());
      expect(await heard()).to.equal(listeners[0]);
      await page.evaluate(() => (globalThis as unknown as PageGlobals).leave());
      expect(await heard()).to.equal(listeners[1]);
      await page.evaluate(() => (globalThis as unknown as PageGlobals).session.logout());
      expect(await page.locator('main').innerText()).to.equal('');
      expect(profile.errors()).to.deep.equal([]);
    });
  }
});
