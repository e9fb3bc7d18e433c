import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import type { RedirectApp } from './browser/redirect-app.ts';
import { type RedirectStage, startRedirectStage } from './browser/redirect-stage.ts';
import { createVisitor } from './pages/visitor.ts';

const password = 'violet anchor rain';

interface Seen {
  readonly status: string;
  readonly generation?: number;
  readonly isBound?: boolean;
  readonly unboundReason?: string;
}

/** The parts of the app's script that these stories use, in the page. */
interface AppGlobals {
  readonly session: {
    readonly state: Seen;
    readonly socket: { readonly io: { readonly engine: { close(): void } } };
    connect(): Promise<Seen>;
    register(input: object): Promise<unknown>;
    login(input: object): Promise<unknown>;
    fetch(url: string): Promise<Response>;
    logout(): Promise<unknown>;
  };
  readonly outcome: Promise<{ readonly returned?: { readonly state: unknown } }>;
  signInWithRedirect(session: unknown, input?: object): Promise<void>;
}

const warning = /^This page uses plain http/;
const unbound = { status: 'active', isBound: false, unboundReason: 'no_webcrypto' };

describe('a page on plain http, where browsers have no WebCrypto', function () {
  this.timeout(60_000);
  let stage: RedirectStage;
  let serviceUrl: string;
  let app: RedirectApp;
  let ann: Profile;
  let users = 0;

  before(async () => {
    const appUrls = ['/module', '/script'];
    stage = await startRedirectStage({ serviceHost: 'id.plain.test', appHost: 'app.plain.test', appUrls });
    ({ app, serviceUrl } = stage);
  });
  after(() => stage?.stop());
  beforeEach(async () => {
    ann = await newProfile(await sharedBrowser.get());
  });
  afterEach(() => ann.close());

  const inPage = <Result>(page: Page, act: (globals: AppGlobals) => Result): Promise<Awaited<Result>> =>
    page.evaluate(`(${act})(globalThis)`);
  const stateOf = (page: Page) => inPage(page, ({ session }) => session.state);
  const ready = (page: Page) => page.waitForFunction(() => 'outcome' in globalThis);
  async function open(path: string): Promise<Page> {
    const page = await ann.newPage(app.url + path);
    await ready(page);
    expect(await page.evaluate(() => [isSecureContext, typeof crypto.subtle])).to.deep.equal([false, 'undefined']);
    return page;
  }
  const until = (page: Page, expected: Partial<Seen>) =>
    page.waitForFunction((wanted) => {
      const { state } = (globalThis as unknown as AppGlobals).session;
      return Object.entries(wanted).every(([name, value]) => state[name as keyof Seen] === value);
    }, expected);
  /** By the session's own verb; resolves with the code of a refusal. */
  const enter = (page: Page, verb: 'login' | 'register', email: string): Promise<string> =>
    page.evaluate(
      ([name, input]) =>
        (globalThis as unknown as AppGlobals).session[name](input).then(
          () => 'in',
          ({ code }: { code: string }) => code,
        ),
      [verb, { email, password }] as const,
    );
  const newcomer = (): string => {
    users += 1;
    return `visitor${users}@example.com`;
  };
  const loaded = (): number => app.visits.filter(({ url }) => url.startsWith('/sha256')).length;

  for (const way of ['module', 'script']) {
    it(`signs up, reloads, reconnects, logs out and signs in, with the ${way}`, async () => {
      const before = loaded();
      const email = newcomer();
      const page = await open(`/${way}`);
      expect(await enter(page, 'register', email)).to.equal('in');
      expect(await stateOf(page)).to.include({ ...unbound, generation: 1 });
      await page.reload();
      await ready(page);
      expect(await inPage(page, ({ session }) => session.connect())).to.include({ ...unbound, generation: 2 });
      await inPage(page, ({ session }) => session.socket.io.engine.close());
      await until(page, { status: 'active', generation: 3 });
      const asked = `session.fetch('${serviceUrl}/sessions').then(({ status }) => status)`;
      expect(await page.evaluate(asked)).to.equal(200);
      const tab = await open(`/${way}`);
      expect((await inPage(tab, ({ session }) => session.connect())).status).to.equal('active');
      await inPage(page, ({ session }) => session.logout());
      await until(tab, { status: 'signed_out' });
      expect(loaded() - before, 'once, when it was needed').to.equal(way === 'module' ? 1 : 0);
      expect(await enter(tab, 'login', email)).to.equal('in');
      expect(ann.errors()).to.deep.equal([]);
    });

    it(`is signed in after a redirect from the page of the service, with the ${way}`, async () => {
      const page = await open(`/${way}`);
      await inPage(page, ({ session, signInWithRedirect }) => void signInWithRedirect(session, { state: 'kept' }));
      await page.getByRole('link', { name: 'Make an account' }).click();
      await page.getByRole('heading', { name: 'Make an account' }).waitFor();
      expect(await page.getByTestId('notice').textContent()).to.match(warning);
      await page.getByTestId('email').fill(newcomer());
      await page.getByTestId('password').fill(password);
      await page.getByTestId('submit').click();
      await page.waitForURL(`${app.url}/**`);
      await ready(page);
      expect((await inPage(page, ({ outcome }) => outcome)).returned?.state).to.equal('kept');
      expect(await stateOf(page)).to.include(unbound);
    });
  }

  it('rejects a sign-in with unavailable while the library cannot be loaded, and may retry after a reload', async () => {
    const page = await open('/module');
    await page.route('**/sha256-*.js', (route) => route.abort());
    const email = newcomer();
    expect(await enter(page, 'register', email)).to.equal('unavailable');
    await page.unroute('**/sha256-*.js');
    await page.reload();
    await ready(page);
    expect(await enter(page, 'register', email)).to.equal('in');
  });

  it('is warned of by the pages of the service, which work', async () => {
    const tab = await createVisitor(ann, serviceUrl).open('/demo');
    expect(await tab.notice()).to.match(warning);
    await tab.signUp(newcomer(), password);
    await tab.live(1);
    await tab.page.reload();
    await tab.live(2);
    // The browser says that it ignores this header here.
    const complaints = ann.errors().filter((line) => !line.startsWith('The Cross-Origin-Opener-Policy header'));
    expect(complaints).to.deep.equal([]);
  });
});
