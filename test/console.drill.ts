import { expect } from 'chai';
import { goTo, measureSignOut, press, rowOf } from './console/console-tab.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab, Visitor } from './pages/visitor.ts';

const password = 'violet anchor rain';
describe('the console, in a real browser', function () {
  this.timeout(60_000);
  let site: Site;
  let operator: Visitor;
  let consoleTab: Tab;
  let newcomers = 0;

  before(async () => {
    site = await openSite();
    operator = await site.visit();
    const [, code] = /signup#operator=([\w-]{43})/.exec(site.log()) ?? [];
    consoleTab = await operator.open(`/signup#operator=${code}`);
    consoleTab.page.setDefaultTimeout(20_000);
    await consoleTab.page.getByText('becomes an operator of the service').waitFor();
    await consoleTab.signUp('olga@example.com', password);
    await consoleTab.live();
  });
  after(() => site.close());
  afterEach(() => expect(operator.complaints()).to.deep.equal([]));

  const newcomer = async (): Promise<{ tab: Tab; email: string }> => {
    newcomers += 1;
    const email = `visitor${newcomers}@example.com`;
    const tab = await (await site.visit()).open('/signup');
    await tab.signUp(email, password);
    await tab.live();
    return { tab, email };
  };

  it('is linked from the account of the user who signed up by the first link', async () => {
    expect(new URL(consoleTab.page.url()).hash).to.equal('');
    await consoleTab.page.getByRole('link', { name: 'Operators’ console' }).click();
    await consoleTab.page.getByText('Live: this page updates automatically.').waitFor();
    await consoleTab.page.getByTestId('users').filter({ hasText: '1' }).waitFor();
    expect(await consoleTab.page.title()).to.equal('Overview · Console · Latchkey');
  });

  it('shows a session when it is opened, and ends it in all its tabs', async () => {
    await goTo(consoleTab, 'Sessions');
    await rowOf(consoleTab, 'olga@example.com').waitFor();
    const { tab, email } = await newcomer();
    await rowOf(consoleTab, email).filter({ hasText: 'Online, 1 tab' }).waitFor({ timeout: 4_000 });
    const { ms, notice } = await measureSignOut(tab, () => press(consoleTab, email, /^End: /));
    expect(notice).to.equal('Your session was ended by an operator.');
    expect(ms).to.be.below(1_000);
    await rowOf(consoleTab, email).waitFor({ state: 'detached', timeout: 4_000 });
    expect(await consoleTab.text('news')).to.equal(`The session of ${email} was ended.`);
  });

  it('shows a session without sockets', async () => {
    const { tab, email } = await newcomer();
    await rowOf(consoleTab, email).filter({ hasText: 'Online, 1 tab' }).waitFor({ timeout: 4_000 });
    await tab.at('logout').click();
    await rowOf(consoleTab, email).waitFor({ state: 'detached', timeout: 4_000 });
  });

  it('keeps the newest numbers when an older answer arrives late', async () => {
    let release = (): void => {};
    const late = new Promise<void>((resolve) => {
      release = resolve;
    });
    let asked = 0;
    await consoleTab.page.route('**/admin/overview', async (route) => {
      asked += 1;
      const users = asked;
      const response = await route.fetch();
      const json = { ...(await response.json()), users };
      if (users === 1) await late;
      await route.fulfill({ response, json });
    });
    await goTo(consoleTab, 'Overview');
    await consoleTab.page.getByTestId('users').filter({ hasText: '2' }).waitFor();
    const arrived = consoleTab.page.waitForResponse('**/admin/overview');
    release();
    await (await arrived).finished();
    expect(Number(await consoleTab.text('users'))).to.be.at.least(2);
    await consoleTab.page.unroute('**/admin/overview');
    await goTo(consoleTab, 'Sessions');
  });

  it('finds users by address, and ends no session without a confirmation', async () => {
    const [one, other] = [await newcomer(), await newcomer()];
    await rowOf(consoleTab, other.email).waitFor({ timeout: 4_000 });
    await consoleTab.page.getByLabel('Address begins with').fill(one.email);
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await rowOf(consoleTab, other.email).waitFor({ state: 'detached' });
    await rowOf(consoleTab, one.email)
      .getByRole('button', { name: /^End all/ })
      .click();
    await consoleTab.page.keyboard.press('Escape');
    await consoleTab.page.getByRole('dialog').waitFor({ state: 'detached' });
    await one.tab.live();
    await consoleTab.page.getByLabel('Address begins with').fill('unknown');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await consoleTab.page.getByText('No matching sessions.').waitFor();
  });

  it('shows new users in a list without live updates', async () => {
    await goTo(consoleTab, 'Users');
    await rowOf(consoleTab, 'olga@example.com').waitFor();
    const { email } = await newcomer();
    await rowOf(consoleTab, email).waitFor();
  });

  it('disables a user, and enables them again', async () => {
    const { tab, email } = await newcomer();
    await goTo(consoleTab, 'Users');
    const { notice } = await measureSignOut(tab, () => press(consoleTab, email, /^Disable/));
    expect(notice).to.contain('disabled');
    await rowOf(consoleTab, email)
      .filter({ hasText: 'Disabled' })
      .getByRole('button', { name: /^Enable/ })
      .click();
    await consoleTab.page.getByText(`${email} may sign in again.`).waitFor();
    await rowOf(consoleTab, email)
      .getByRole('button', { name: /^Disable/ })
      .and(consoleTab.page.locator(':focus'))
      .waitFor();
    await tab.signIn(email, password);
    await tab.live();
    expect(await rowOf(consoleTab, 'olga@example.com').getByRole('button').count(), 'nothing about oneself').to.equal(
      0,
    );
  });

  it('creates a tenant, opens its registration, and shows an error beside its field', async () => {
    await goTo(consoleTab, 'Tenants');
    await consoleTab.page.getByRole('button', { name: 'Add a tenant' }).click();
    const dialog = consoleTab.page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await dialog.getByText('Enter an id.').waitFor();
    await dialog.getByLabel('Id', { exact: true }).fill('acme');
    await dialog.getByLabel('Name', { exact: true }).fill('<b>Acme</b>');
    await dialog.getByLabel('Maximum idle time').fill('120');
    await dialog.getByRole('button', { name: 'Add' }).click();
    await rowOf(consoleTab, '<b>Acme</b>')
      .filter({ hasText: 'end after 2 hours idle (set for this tenant)' })
      .filter({ hasText: 'Registration closed' })
      .waitFor();
    await rowOf(consoleTab, 'acme')
      .getByRole('button', { name: /^Change/ })
      .click();
    await dialog.getByLabel('Any visitor may make an account').check();
    await dialog.getByLabel('Maximum session lifetime').fill('5000000');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.locator('.field-error:not(:empty), .form-error:not(:empty)').waitFor();
    await dialog.getByLabel('Maximum session lifetime').fill('1440');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await rowOf(consoleTab, 'acme').filter({ hasText: 'Registration open' }).filter({ hasText: '1 day' }).waitFor();
    await rowOf(consoleTab, 'acme')
      .getByRole('button', { name: /^Change/ })
      .and(consoleTab.page.locator(':focus'))
      .waitFor();
  });

  it('warns operators who are about to sign themselves out', async () => {
    await goTo(consoleTab, 'Tenants');
    await rowOf(consoleTab, 'id default')
      .getByRole('button', { name: /^End sessions/ })
      .click();
    await consoleTab.page.getByRole('dialog').getByText('You are one of them.').waitFor();
    await consoleTab.page.keyboard.press('Escape');
    await goTo(consoleTab, 'Sessions');
    await rowOf(consoleTab, 'olga@example.com')
      .getByRole('button', { name: /^End all/ })
      .click();
    await consoleTab.page.getByRole('dialog').getByText('That is you').waitFor();
    await consoleTab.page.keyboard.press('Escape');
    await consoleTab.page.locator('dialog').waitFor({ state: 'detached' });
  });

  it('creates a backend, shows its secret once, replaces and removes it', async () => {
    await goTo(consoleTab, 'Backends');
    await consoleTab.page.getByRole('button', { name: 'Add a backend' }).click();
    await consoleTab.page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Shop');
    await consoleTab.page.getByRole('button', { name: 'Add', exact: true }).click();
    const secret = await consoleTab.at('secret').textContent();
    expect(secret).to.match(/^\S{20,}$/);
    for (let press = 0; press < 3; press += 1) await consoleTab.page.keyboard.press('Escape');
    expect(await consoleTab.at('secret').isVisible(), 'lost by a key').to.equal(true);
    await consoleTab.at('kept').click();
    await consoleTab.page.locator('dialog').waitFor({ state: 'detached' });
    await rowOf(consoleTab, 'Shop').waitFor();
    expect(await consoleTab.page.content()).to.not.contain(secret);
    await press(consoleTab, 'Shop', /^Replace/);
    expect(await consoleTab.at('secret').textContent()).to.not.equal(secret);
    await consoleTab.at('kept').click();
    await press(consoleTab, 'Shop', /^Remove/);
    await rowOf(consoleTab, 'Shop').waitFor({ state: 'detached' });
  });

  it('rotates the keys, and shows the actor in the audit', async () => {
    await goTo(consoleTab, 'Keys');
    await consoleTab.page.getByRole('button', { name: 'Rotate the keys' }).click();
    await consoleTab.at('confirm').click();
    await rowOf(consoleTab, 'Previous').waitFor();
    await goTo(consoleTab, 'Audit');
    await consoleTab.page.getByLabel('Action').selectOption('Keys rotated');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await rowOf(consoleTab, 'Keys rotated').filter({ hasText: 'operator olga@example.com' }).waitFor();
    await rowOf(consoleTab, 'Signed in').first().waitFor({ state: 'detached' });
  });

  it('links from an audit entry to all entries of its user', async () => {
    const { email } = await newcomer();
    await goTo(consoleTab, 'Audit');
    await rowOf(consoleTab, 'Signed in').getByRole('link', { name: email }).click();
    await rowOf(consoleTab, 'olga@example.com').first().waitFor({ state: 'detached' });
    await rowOf(consoleTab, 'Account created').filter({ hasText: email }).waitFor();
  });

  it('shows an invalid filter beside its field, and keeps the list', async () => {
    await goTo(consoleTab, 'Keys');
    await goTo(consoleTab, 'Audit');
    await rowOf(consoleTab, 'Account created').first().waitFor();
    await consoleTab.page.getByLabel('User id').fill('not-an-id');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await consoleTab.page.locator('#audit-user-error:not(:empty)').waitFor();
    expect(await consoleTab.page.getByLabel('User id').getAttribute('aria-invalid')).to.equal('true');
    await consoleTab.page.waitForResponse(/admin\/audit/);
    expect(await rowOf(consoleTab, 'Account created').count()).to.be.above(0);
  });

  it('shows it beside the field also when the list is read again before the answer', async () => {
    await goTo(consoleTab, 'Audit');
    let searches = 0;
    await consoleTab.page.route(/admin\/audit\?.*user=unknown/, async (route) => {
      searches += 1;
      if (searches === 1) await new Promise((resolve) => setTimeout(resolve, 5_500));
      await route.continue();
    });
    await consoleTab.page.getByLabel('User id').fill('unknown');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await consoleTab.page.locator('#audit-user-error:not(:empty)').waitFor();
    await consoleTab.page.unroute(/admin\/audit\?.*user=unknown/);
  });

  it('can be used with the keyboard only', async () => {
    const { tab, email } = await newcomer();
    const { page } = consoleTab;
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let press = 0; press < 60; press += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          const text = element.getAttribute('aria-label') ?? (element.id || element.textContent || '');
          const isSeen = element === document.body || getComputedStyle(element).outlineStyle !== 'none';
          return { text, isSeen };
        });
        expect(at.isSeen, `no visible focus on ${at.text}`).to.equal(true);
        if (name.test(at.text)) return;
      }
      throw new Error(`the keyboard does not reach ${name}`);
    };
    await page.locator('body').press('Home');
    await page.reload();
    await page.getByText('Live: this page').waitFor();
    await tabTo(/^Sessions$/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Sessions', level: 2 }).waitFor();
    await tabTo(/sessions-email/);
    await rowOf(consoleTab, 'olga@example.com').waitFor();
    await page.keyboard.type(email);
    await page.keyboard.press('Enter');
    await rowOf(consoleTab, 'olga@example.com').waitFor({ state: 'detached' });
    await tabTo(/^End: /);
    await page.keyboard.press('Enter');
    await tabTo(/^End it$/);
    await page.keyboard.press('Enter');
    expect(await tab.notice()).to.equal('Your session was ended by an operator.');
  });

  it('is in a separate script, which no other page loads', async () => {
    const visitor = await site.visit();
    const scripts: string[] = [];
    visitor.context.on('request', (request) => {
      if (request.resourceType() === 'script') scripts.push(new URL(request.url()).pathname);
    });
    const consoles = () => scripts.filter((path) => path.includes('console'));
    const tab = await visitor.open('/console');
    await tab.signUp('script@example.com', password);
    await tab.at('refused').waitFor();
    expect(consoles()).to.have.length(1);
    scripts.length = 0;
    await tab.page.getByRole('link', { name: 'Go to your account' }).click();
    await tab.at('logout').click();
    await tab.notice();
    for (const path of ['/signin', '/signup', '/account']) {
      await tab.page.goto(site.url + path);
      await tab.at('submit').waitFor();
    }
    expect(scripts).to.not.deep.equal([]);
    expect(consoles()).to.deep.equal([]);
    await visitor.close();
  });

  it('shows that its script cannot be loaded, and retries', async () => {
    const visitor = await site.visit();
    await visitor.context.route(/console-view/, (route) => route.abort());
    const tab = await visitor.open('/console');
    await tab.signUp('offline@example.com', password);
    await tab.page.getByText('This page could not be loaded.').waitFor();
    await visitor.context.unroute(/console-view/);
    await tab.page.getByRole('button', { name: 'Try again' }).click();
    await tab.at('refused').waitFor();
    await visitor.close();
  });

  it('refuses users without the flag, also when it is removed', async () => {
    const { tab, email } = await newcomer();
    await tab.page.goto(`${site.url}/console`);
    expect(await tab.text('refused')).to.contain('Only operators');
    expect(await tab.page.getByRole('navigation').isVisible()).to.equal(false);
    await goTo(consoleTab, 'Users');
    await press(consoleTab, email, /^Make operator/);
    await tab.page.reload();
    await tab.page.getByText('Live: this page').waitFor();
    await goTo(tab, 'Users');
    await rowOf(tab, email).waitFor();
    await press(consoleTab, email, /^Remove operator/);
    await tab.at('refused').waitFor();
    expect(await tab.page.getByTestId('row').count()).to.equal(0);
    expect(await tab.page.getByTestId('status').isVisible()).to.equal(false);
  });

  it('shows no outdated state as current while the connection is lost', async () => {
    const { tab, email } = await newcomer();
    await goTo(consoleTab, 'Users');
    await press(consoleTab, email, /^Make operator/);
    await tab.page.goto(`${site.url}/console#sessions`);
    const presence = rowOf(tab, email).getByText('Online, 1 tab');
    await presence.waitFor();
    await tab.page.context().setOffline(true);
    await tab.page.getByText('Offline. The page shows older data').waitFor();
    expect(await rowOf(tab, email).isVisible()).to.equal(true);
    expect(await presence.isVisible()).to.equal(false);
    await tab.page.context().setOffline(false);
    await tab.page.getByText('Live: this page').waitFor({ timeout: 20_000 });
    await presence.waitFor();
    await press(consoleTab, email, /^Remove operator/);
  });

  it('is opened after the sign-in form when it was requested first', async () => {
    await consoleTab.page.goto(`${site.url}/account`);
    await consoleTab.at('logout').click();
    await consoleTab.notice();
    await consoleTab.page.goto(`${site.url}/console`);
    await consoleTab.signIn('olga@example.com', password);
    await consoleTab.page.getByText('Live: this page').waitFor();
  });

  it('shows no token, and logs none', async () => {
    const html = await consoleTab.page.content();
    const stored = await consoleTab.page.evaluate(() => Object.values({ ...localStorage, ...sessionStorage }).join());
    expect(stored).to.not.match(/at\+jwt|\/admin/);
    for (const text of [html, operator.console(), site.log()]) expect(text).to.not.match(/eyJ[\w-]{10,}\.eyJ/);
  });
});
