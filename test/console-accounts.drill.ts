import { expect } from 'chai';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { goTo, measureSignOut, press, rowOf } from './console/console-tab.ts';
import { expectPresentable } from './pages/look.ts';
import { createMailReader } from './pages/mails.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab, Visitor } from './pages/visitor.ts';

const password = 'violet anchor rain';

describe('accounts and tenants in the console, in a real browser', function () {
  this.timeout(90_000);
  let mailServer: MailServer;
  let site: Site;
  let operator: Visitor;
  let consoleTab: Tab;

  before(async () => {
    mailServer = await openMailServer();
    site = await openSite({ LATCHKEY_SMTP_URL: mailServer.url, LATCHKEY_MAIL_FROM: 'Latchkey <id@example.com>' });
    operator = await site.visit();
    const [, code] = /signup#operator=([\w-]{43})/.exec(site.log()) ?? [];
    consoleTab = await operator.open(`/signup#operator=${code}`);
    consoleTab.page.setDefaultTimeout(20_000);
    await consoleTab.signUp('olga@example.com', password);
    await consoleTab.live();
    await consoleTab.page.getByRole('link', { name: 'Operators’ console' }).click();
    await consoleTab.page.getByText('Live: this page updates automatically.').waitFor();
  });
  after(async () => {
    await site?.close();
    await mailServer?.close();
  });
  afterEach(() => expect(operator.complaints()).to.deep.equal([]));

  const dialog = () => consoleTab.page.getByRole('dialog');
  const button = (row: string, name: RegExp) => rowOf(consoleTab, row).getByRole('button', { name }).click();

  it('creates a user, who gets a mail to set a password', async () => {
    await goTo(consoleTab, 'Users');
    await consoleTab.page.getByRole('button', { name: 'Add a user' }).click();
    await dialog().getByLabel('Email').fill('ann@example.com');
    await dialog().getByLabel('Name', { exact: true }).fill('Ann <b>Smith</b>');
    await dialog().getByRole('button', { name: 'Add' }).click();
    await rowOf(consoleTab, 'ann@example.com')
      .filter({ hasText: 'Ann <b>Smith</b>' })
      .filter({ hasText: 'not verified' })
      .waitFor();
    await press(consoleTab, 'ann@example.com', /^Send a mail/);
    await consoleTab.page.getByText('A mail to ann@example.com is on its way.').waitFor();
    expect((await createMailReader(mailServer)('ann@example.com', '/reset')).link).to.contain('/reset#secret=');
  });

  it('shows what is wrong beside its field, and changes nothing', async () => {
    await button('ann@example.com', /^Change/);
    await dialog().getByLabel('App metadata').fill('{role: teller}');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().locator('#user-app_metadata-error:not(:empty)').waitFor();
    await dialog().getByLabel('App metadata').fill('{"role":"teller"}');
    await dialog().getByLabel('User metadata').fill('{"theme":"dark"}');
    await dialog().getByLabel('Picture').fill('http://example.com/ann.png');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().locator('#user-picture-error:not(:empty)').waitFor();
    await dialog().getByLabel('Picture').fill('https://example.com/ann.png');
    await dialog().getByLabel('Language').fill('not a language');
    await dialog().getByRole('button', { name: 'Save' }).click();
    await dialog().locator('#user-locale-error:not(:empty)').waitFor();
    await dialog().getByLabel('Language').fill('de');
    await dialog().getByLabel('The address is verified').check();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await rowOf(consoleTab, 'ann@example.com').filter({ hasText: 'address verified' }).waitFor();
    await button('ann@example.com', /^Change/);
    expect(JSON.parse(await dialog().getByLabel('User metadata').inputValue())).to.deep.equal({ theme: 'dark' });
    expect(await dialog().getByLabel('Picture').inputValue()).to.equal('https://example.com/ann.png');
    await consoleTab.page.keyboard.press('Escape');
  });

  it('invites a user with app metadata', async () => {
    await goTo(consoleTab, 'Invitations');
    await consoleTab.page.getByRole('button', { name: 'Invite a user' }).click();
    await dialog().getByLabel('Email').fill('eve@example.com');
    await dialog().getByLabel('App metadata').fill('["teller"]');
    await dialog().getByRole('button', { name: 'Invite a user' }).click();
    await dialog().locator('#invitation-app_metadata-error:not(:empty)').waitFor();
    await expectPresentable('invitation', consoleTab);
    await dialog().getByLabel('App metadata').fill('{"role":"teller"}');
    await dialog().getByRole('button', { name: 'Invite a user' }).click();
    await rowOf(consoleTab, 'eve@example.com').getByText('Details').click();
    await rowOf(consoleTab, 'eve@example.com').filter({ hasText: '{"role":"teller"}' }).waitFor();
    await goTo(consoleTab, 'Users');
  });

  it('finds users by any part of their name or address', async () => {
    await consoleTab.page.getByLabel('Part of the address or name').fill('smith');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await rowOf(consoleTab, 'olga@example.com').waitFor({ state: 'detached' });
    await rowOf(consoleTab, 'ann@example.com').waitFor();
    await consoleTab.page.getByLabel('Part of the address or name').fill('no such text');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await consoleTab.page.getByText('No matching users.').waitFor();
  });

  it('requires a new password, which the user sets at the next sign-in', async () => {
    const tab = await (await site.visit()).open('/signup');
    await tab.signUp('dora@example.com', password);
    await tab.live();
    await goTo(consoleTab, 'Users');
    await button('dora@example.com', /^Change/);
    await dialog().getByLabel('The next sign-in has to set a new password').check();
    await dialog().getByRole('button', { name: 'Save' }).click();
    await rowOf(consoleTab, 'dora@example.com').filter({ hasText: 'New password required' }).waitFor();
    await tab.at('logout').click();
    await tab.signIn('dora@example.com', password);
    await tab.page.getByText('An administrator requires a new password').waitFor();
    await tab.at('new-password').fill(password);
    await tab.at('submit').click();
    await tab.page.locator('#replace-new-password-error:not(:empty)').waitFor();
    await tab.at('new-password').fill('green paper lantern');
    await tab.at('submit').click();
    await tab.live();
  });

  it('deletes a user after a confirmation, who is signed out', async () => {
    const tab = await (await site.visit()).open('/signup');
    await tab.signUp('carl@example.com', password);
    await tab.live();
    await goTo(consoleTab, 'Users');
    await button('carl@example.com', /^Delete/);
    await consoleTab.page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    const { notice } = await measureSignOut(tab, () => press(consoleTab, 'carl@example.com', /^Delete/));
    expect(notice).to.equal('This account was deleted.');
    await rowOf(consoleTab, 'carl@example.com').waitFor({ state: 'detached' });
    expect(await rowOf(consoleTab, 'olga@example.com').getByRole('button').count(), 'nothing about oneself').to.equal(
      0,
    );
  });

  it('sets policies of a tenant, disables and deletes it', async () => {
    await goTo(consoleTab, 'Tenants');
    await consoleTab.page.getByRole('button', { name: 'Add a tenant' }).click();
    await dialog().getByLabel('Id', { exact: true }).fill('shop');
    await dialog().getByLabel('Name', { exact: true }).fill('Shop');
    await dialog().getByLabel('Fewest characters of a new password').fill('12');
    await dialog().getByLabel('Domains of addresses').fill('example.com example.org');
    await dialog().getByRole('button', { name: 'Add' }).click();
    await dialog().locator('#tenant-allowed_domains-error:not(:empty)').waitFor();
    await dialog().getByLabel('Verification of addresses').selectOption('required');
    await dialog().getByRole('button', { name: 'Add' }).click();
    await rowOf(consoleTab, 'id shop')
      .filter({ hasText: 'passwords of at least 12 characters' })
      .filter({ hasText: 'only example.com, example.org' })
      .waitFor();
    expect(
      await rowOf(consoleTab, 'id default')
        .getByRole('button', { name: /^Disable/ })
        .count(),
      'one’s own',
    ).to.equal(0);
    await press(consoleTab, 'id shop', /^Disable/);
    await rowOf(consoleTab, 'id shop').filter({ hasText: 'Disabled' }).waitFor();
    await press(consoleTab, 'id shop', /^Delete/);
    await rowOf(consoleTab, 'id shop').waitFor({ state: 'detached' });
  });

  it('filters the audit by time', async () => {
    await goTo(consoleTab, 'Audit');
    await rowOf(consoleTab, 'Tenant deleted').waitFor();
    await consoleTab.page.getByLabel('Before').fill('2020-01-01T00:00');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await consoleTab.page.getByText('No matching events.').waitFor();
    await consoleTab.page.getByLabel('Before').fill('');
    await consoleTab.page.getByLabel('From').fill('2020-01-01T00:00');
    await consoleTab.page.getByRole('button', { name: 'Search' }).click();
    await rowOf(consoleTab, 'Tenant deleted').waitFor();
  });
});
