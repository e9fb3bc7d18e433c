import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { bundleSdk } from './browser/bundle-sdk.ts';
import { buildPages } from './pages/site.ts';

const password = 'violet anchor rain';

interface Seen {
  readonly status: string;
  readonly reason?: string;
  readonly isBound?: boolean;
  readonly generation?: number;
  readonly user?: { readonly id: string; readonly tenant_id: string };
}

/** The parts of the session that scripts of this file use, in the page. */
interface PageSession {
  readonly state: Seen;
  connect(): Promise<Seen>;
  register(input: object): Promise<unknown>;
  logout(): Promise<unknown>;
}

interface PageGlobals {
  createSession(options: object): PageSession;
  session: PageSession;
}

describe('several apps and tenants at one origin, in a real browser', function () {
  this.timeout(90_000);
  let service: ServiceProcess;
  let script: string;
  let profile: Profile;
  let users = 0;

  before(async () => {
    [service, script] = await Promise.all([startService(), bundleSdk(), buildPages()]);
    await service.ready();
    for (const id of ['shop', 'office']) await createTenant(id);
  });
  after(() => service?.stop());
  beforeEach(async () => {
    profile = await newProfile(await sharedBrowser.get());
    await profile.context.route(`${service.url}/app*`, (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: script })
        : route.fulfill({
            contentType: 'text/html',
            body: '<!doctype html><script type="module" src="/app.js"></script>',
          }),
    );
  });
  afterEach(() => profile.close());

  async function createTenant(id: string): Promise<void> {
    const words = ['service/dist/main.js', 'backend', 'create', id, '--scopes', 'admin'];
    const env = { PATH: process.env.PATH, LATCHKEY_DATA_DIR: service.dataFolder };
    const { stdout } = await promisify(execFile)(process.execPath, words, { env });
    const { backend_id, backend_secret } = JSON.parse(stdout);
    const authorization = `Basic ${Buffer.from(`${backend_id}:${backend_secret}`).toString('base64')}`;
    const answer = await fetch(`${service.url}/admin/tenants`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ id, name: id, registration_open: true }),
    });
    expect(answer.status).to.equal(201);
  }
  /** A tab with a session of these options, which connects. */
  async function open(options: object = {}): Promise<Page> {
    return connect(await profile.newPage(`${service.url}/app`), options);
  }
  async function connect(page: Page, options: object = {}): Promise<Page> {
    await page.waitForFunction(() => 'createSession' in globalThis);
    await page.evaluate(
      (given) => {
        const globals = globalThis as unknown as PageGlobals;
        globals.session = globals.createSession(given);
        return globals.session.connect();
      },
      { url: service.url, trackActivity: false, ...options },
    );
    return page;
  }
  async function signUp(page: Page): Promise<void> {
    users += 1;
    await page.evaluate((input) => (globalThis as unknown as PageGlobals).session.register(input), {
      email: `user${users}@example.com`,
      password,
    });
  }
  const stateOf = (page: Page): Promise<Seen> =>
    page.evaluate(() => (globalThis as unknown as PageGlobals).session.state);
  const until = (page: Page, status: string) =>
    page.waitForFunction((wanted) => (globalThis as unknown as PageGlobals).session.state.status === wanted, status);

  for (const [name, shop, office] of [
    ['a storageKey each', { storageKey: 'shop' }, { storageKey: 'office' }],
    ['a tenant each', { tenant: 'shop' }, { tenant: 'office' }],
    ['one without a name', {}, { storageKey: 'office' }],
  ] as const) {
    it(`keep separate sessions: ${name}`, async () => {
      const [first, second] = [await open(shop), await open(office)];
      await signUp(first);
      expect((await stateOf(second)).status).to.equal('signed_out');
      await signUp(second);
      const ids = [(await stateOf(first)).user?.id, (await stateOf(second)).user?.id];
      const tabs = [await open(shop), await open(office)];
      const states = await Promise.all(tabs.map(stateOf));
      expect(states.map(({ status, user, isBound }) => [status, user?.id, isBound])).to.deep.equal(
        ids.map((id) => ['active', id, true]),
      );
      await second.evaluate(() => (globalThis as unknown as PageGlobals).session.logout());
      await until(tabs[1]!, 'signed_out');
      expect((await stateOf(first)).status).to.equal('active');
    });
  }

  it('keep the session of one tab, which a duplicate of it does not have', async () => {
    const options = { persistence: 'tab' };
    const page = await open(options);
    await signUp(page);
    const { user } = await stateOf(page);
    await page.reload();
    await connect(page, options);
    expect(await stateOf(page)).to.deep.include({ status: 'active', user, isBound: true, generation: 2 });
    expect((await stateOf(await open(options))).status).to.equal('signed_out');

    const [duplicate] = await Promise.all([page.waitForEvent('popup'), page.evaluate(() => void window.open('/app'))]);
    expect(await duplicate.evaluate(() => Object.keys(sessionStorage).join())).to.include(':token');
    await connect(duplicate, options);
    expect((await stateOf(duplicate)).status).to.equal('signed_out');
    expect(await duplicate.evaluate(() => Object.keys(sessionStorage).join())).not.to.include(':token');
    await signUp(duplicate);
    const other = (await stateOf(duplicate)).user;
    for (const tab of [page, duplicate, page]) {
      await tab.reload();
      await connect(tab, options);
    }
    expect(await stateOf(page)).to.deep.include({ status: 'active', user, generation: 4 });
    expect(await stateOf(duplicate)).to.deep.include({ status: 'active', user: other, generation: 2 });
    expect(await page.evaluate(() => localStorage.length)).to.equal(0);
  });

  it('share the session of a tab with a frame in it', async () => {
    const options = { url: service.url, persistence: 'tab' };
    const page = await open(options);
    await signUp(page);
    const inFrame = await page.evaluate(async (given) => {
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.src = '/app';
      await new Promise((resolve) => frame.addEventListener('load', resolve));
      const session = (frame.contentWindow as unknown as PageGlobals).createSession(given);
      return (await session.connect()).user?.id;
    }, options);
    expect(inFrame).to.equal((await stateOf(page)).user?.id);
    expect(await page.evaluate(() => Object.keys(sessionStorage).join())).to.include(':token');
  });

  it('keep the session in the sessionStorage that is given, whatever else is in it', async () => {
    const page = await open();
    await page.evaluate(async (url) => {
      sessionStorage.setItem('open', 'yes');
      sessionStorage.setItem('key', 'value');
      const globals = globalThis as unknown as PageGlobals;
      globals.session = globals.createSession({ url, storage: sessionStorage });
      await globals.session.connect();
    }, service.url);
    await signUp(page);
    expect(await page.evaluate(() => Object.keys(sessionStorage).join())).to.include(':token');
  });

  it('lose a session in memory when its page is left', async () => {
    const page = await open({ persistence: 'memory' });
    await signUp(page);
    expect(await page.evaluate(() => localStorage.length + sessionStorage.length)).to.equal(0);
    await page.reload();
    await connect(page, { persistence: 'memory' });
    expect((await stateOf(page)).status).to.equal('signed_out');
  });

  it('show no user of another tenant on the pages of the service', async () => {
    const [shop, office] = [
      await profile.newPage(`${service.url}/signup?tenant=shop`),
      await profile.newPage(`${service.url}/signin?tenant=office`),
    ];
    await shop.getByTestId('email').fill('user@shop.example');
    await shop.getByTestId('password').fill(password);
    await shop.getByTestId('submit').click();
    await shop.getByTestId('who').filter({ hasText: 'user@shop.example' }).waitFor();
    expect(new URL(shop.url()).search).to.equal('?tenant=shop');
    await office.reload();
    await office.getByRole('link', { name: 'Make an account' }).click();
    expect(office.url()).to.equal(`${service.url}/signup?tenant=office`);
    await office.goto(`${service.url}/account`);
    await office.getByTestId('email').waitFor();
    await shop.reload();
    await shop.getByTestId('who').filter({ hasText: 'user@shop.example' }).waitFor();
    expect(profile.errors()).to.deep.equal([]);
  });

  it('bind sign-ins when the database of the key lacks its object store', async () => {
    const page = await open();
    await page.evaluate(
      (name) =>
        new Promise<void>((resolve) => {
          const opening = indexedDB.open(name, 3);
          opening.onsuccess = () => resolve(opening.result.close());
        }),
      `latchkey:${service.url}`,
    );
    await signUp(page);
    expect(await stateOf(page)).to.include({ status: 'active', isBound: true });
  });
});
