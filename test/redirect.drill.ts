import { expect } from 'chai';
import type { Page, Request } from 'playwright-core';
import { newProfile, type Profile } from '../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';
import type { RedirectApp } from './browser/redirect-app.ts';
import { type RedirectStage, startRedirectStage } from './browser/redirect-stage.ts';
import { expectPresentable } from './pages/look.ts';
import { enterCredentials } from './pages/visitor.ts';

const password = 'violet anchor rain';

/** The parts of the app's script that these stories use, in the page. */
interface AppGlobals {
  readonly session: {
    readonly state: { readonly status: string; readonly sessionId?: string; readonly isBound?: boolean };
    connect(): Promise<{ readonly status: string; readonly sessionId?: string; readonly isBound?: boolean }>;
    login(input: object): Promise<unknown>;
  };
  readonly outcome: Promise<{ readonly returned?: { readonly state: unknown }; readonly code?: string }>;
  readonly addresses: readonly string[];
  signInWithRedirect(session: unknown, input?: object): Promise<void>;
}

describe('a sign-in between two origins, in a real browser', function () {
  this.timeout(60_000);
  let stage: RedirectStage;
  let serviceUrl: string;
  let app: RedirectApp;
  let appUrl: string;
  let ann: Profile;
  let requests: Request[];
  let users = 0;

  before(async () => {
    stage = await startRedirectStage({
      serviceHost: 'localhost',
      appUrls: ['/in', 'https://elsewhere.test/in'],
      env: { LOG_LEVEL: 'trace' },
    });
    ({ app, serviceUrl } = stage);
    appUrl = `${app.url}/in`;
  });
  after(() => stage?.stop());
  beforeEach(async () => {
    requests = [];
    ann = await newProfile(await sharedBrowser.get());
    ann.context.on('request', (request) => requests.push(request));
  });
  afterEach(() => ann.close());

  const globals = <Result>(page: Page, act: (globals: AppGlobals) => Result): Promise<Awaited<Result>> =>
    page.evaluate(`(${act})(globalThis)`);
  const ready = (page: Page) => page.waitForFunction(() => 'outcome' in globalThis);
  async function openApp(address = appUrl): Promise<Page> {
    const page = await ann.newPage();
    await page.goto(address);
    await ready(page);
    return page;
  }
  async function leave(page: Page, input: object = {}): Promise<void> {
    await page.evaluate((given) => {
      const { session, signInWithRedirect } = globalThis as unknown as AppGlobals;
      void signInWithRedirect(session, given);
    }, input);
    await page.getByTestId('submit').waitFor();
  }
  async function enter(page: Page, email: string): Promise<void> {
    await page.getByTestId('email').fill(email);
    await page.getByTestId('password').fill(password);
    await page.getByTestId('submit').click();
  }
  /** Makes an account on the way, and is back at the app. */
  async function signUp(page: Page, input: object = {}): Promise<string> {
    users += 1;
    const email = `user${users}@example.com`;
    await leave(page, input);
    await page.getByRole('link', { name: 'Make an account' }).click();
    await page.getByRole('heading', { name: 'Make an account' }).waitFor();
    await enter(page, email);
    await page.waitForURL(`${app.url}/**`);
    await ready(page);
    return email;
  }
  const stateOf = (page: Page) => globals(page, ({ session }) => session.state);
  const outcomeOf = (page: Page) => globals(page, ({ outcome }) => outcome);

  const answerIn = (address = '') => {
    const answer = new URLSearchParams(new URL(address).hash.slice(1));
    return { code: answer.get('code') ?? '', state: answer.get('state') ?? 'none' };
  };
  /** Where it may have been written: queries, headers, the app's server, the service's log. */
  async function expectHidden(secret: string): Promise<void> {
    expect(secret.length).to.be.at.least(20);
    const headers = await Promise.all(requests.map((request) => request.allHeaders()));
    const seen = [
      ...requests.map((request) => new URL(request.url()).pathname + new URL(request.url()).search),
      ...headers.map((all) => JSON.stringify(all)),
      JSON.stringify(app.visits),
      ann.console(),
      stage.service.log(),
    ];
    for (const text of seen) expect(text.includes(secret), text.slice(0, 300)).to.equal(false);
  }

  it('signs in after the redirect, and the code is in no query, header, log or history', async () => {
    const page = await openApp(`${appUrl}?from=mail#top`);
    await signUp(page, { state: { back: '/accounts' } });
    const { returned } = await outcomeOf(page);
    expect(returned?.state).to.deep.equal({ back: '/accounts' });
    expect(await stateOf(page)).to.include({ status: 'active', isBound: true });
    const [before, cleaned] = await globals(page, ({ addresses }) => addresses);
    expect(before).to.match(/#code=.+&state=.+/);
    expect([cleaned, page.url()]).to.deep.equal([appUrl, appUrl]);
    expect(await page.evaluate(() => sessionStorage.length)).to.equal(0);
    const answer = answerIn(before);
    expect(answer.code).to.match(/^[\w-]+\.[\w-]+\.[\w-]+$/);
    await expectHidden(answer.code);
    expect(app.visits.find(({ url }) => url === '/in')?.headers).to.not.have.property('referer');
    expect(stage.service.log()).to.not.include(answer.state);

    await page.goBack();
    await page.goForward();
    await ready(page);
    expect(page.url()).to.equal(appUrl);
    expect(await outcomeOf(page)).to.deep.equal({ returned: undefined });
    expect((await globals(page, ({ session }) => session.connect())).status).to.equal('active');
    expect(ann.errors()).to.deep.equal([]);
  });

  it('requires the password, also with a session at the service, and keeps that session', async () => {
    const page = await openApp();
    const email = await signUp(page);
    const home = await ann.newPage(`${serviceUrl}/signup`);
    await enter(home, `home.${email}`);
    await home.locator('[data-status="active"]').waitFor();
    const again = await openApp();
    await leave(again);
    expect(await again.getByTestId('lead').textContent()).to.equal(`Then you return to ${app.url}.`);
    await expectPresentable('sign in for an app', { page: again });
    await enterCredentials(again, email, password);
    await again.waitForURL(appUrl);
    await ready(again);
    expect(await outcomeOf(again)).to.have.property('returned');
    await home.locator('[data-status="active"]').waitFor();
  });

  it('shows an error beside its field, and stays on the page', async () => {
    const page = await openApp();
    await leave(page);
    await enterCredentials(page, 'nobody@example.com', password);
    await page.getByText('The address or the password is wrong.').waitFor();
    expect(page.url()).to.include(`${serviceUrl}/signin?`);
  });

  it('refuses an unknown state, and changes nothing', async () => {
    const page = await openApp();
    await signUp(page);
    const [before = ''] = await globals(page, ({ addresses }) => addresses);
    await outcomeOf(page);
    const { sessionId } = await stateOf(page);
    const victim = await openApp(`${appUrl}#code=${answerIn(before).code}&state=AAAAAAAAAAAAAAAAAAAAAA`);
    expect(await outcomeOf(victim)).to.deep.equal({ code: 'code_invalid' });
    expect(victim.url()).to.equal(appUrl);

    // The very address once more, in the tab that had it: a bookmark, a restored tab.
    await page.goto('about:blank');
    await page.goto(before);
    await ready(page);
    expect(await outcomeOf(page)).to.deep.equal({ code: 'code_invalid' });
    expect(await globals(page, ({ session }) => session.connect())).to.include({ status: 'active', sessionId });
  });

  it('continues when the page is reloaded during the sign-in', async () => {
    const page = await openApp();
    // The first page after the return never gets a socket.
    await page.addInitScript(
      'if (location.hash.includes("code=")) globalThis.WebSocket = class extends EventTarget { close() {} send() {} };',
    );
    await signUp(page, { state: 'kept' });
    expect(page.url()).to.equal(appUrl);
    expect((await stateOf(page)).status).to.equal('connecting');
    await page.reload();
    await ready(page);
    expect((await outcomeOf(page)).returned?.state).to.equal('kept');
    expect(await stateOf(page)).to.include({ status: 'active' });
  });

  it('is in the language that the app asks for', async () => {
    const page = await ann.newPage(
      `${serviceUrl}/signin?${new URLSearchParams({ app: appUrl, ui_locales: 'fr de-CH' })}`,
    );
    await page.getByRole('heading', { name: 'Diese Anmeldung ist nicht möglich' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).to.equal('de');
  });

  it('shows what is wrong with a request, and never redirects to a URL that is not on the list', async () => {
    const good = {
      app: appUrl,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      state: 'AAAAAAAAAAAAAAAAAAAAAA',
    };
    const visits = app.visits.length;
    const bad: [Record<string, string>, string[]][] = [
      [{ ...good, app: `${appUrl}/other` }, ['app']],
      [{ ...good, app: 'javascript:alert(1)' }, ['app']],
      [{ ...good, code_challenge_method: 'plain' }, ['code_challenge_method']],
      [{ app: appUrl }, ['code_challenge', 'code_challenge_method', 'state']],
    ];
    const page = await ann.newPage();
    for (const path of ['/signin', '/signup'])
      for (const [request, mistakes] of bad) {
        await page.goto(`${serviceUrl}${path}?${new URLSearchParams(request)}`);
        await page.getByTestId('refused').waitFor();
        expect(await page.getByTestId('mistakes').locator('code').allTextContents()).to.deep.equal(mistakes);
        expect(await page.locator('form').count()).to.equal(0);
      }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByText('For developers').click();
    await expectPresentable('refused', { page });
    expect(new URL(page.url()).origin).to.equal(serviceUrl);
    expect(app.visits.length).to.equal(visits);
  });
});
