import { expect } from 'chai';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { startService } from '../test-kit/node/service-process.ts';
import { goTo, press, rowOf } from './console/console-tab.ts';
import { expectForcedColours, expectPresentable } from './pages/look.ts';
import { createMailReader } from './pages/mails.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab, Visitor } from './pages/visitor.ts';

const password = 'violet anchor rain';
const operator = 'operatorPage@example.com';

describe('the pages of invitations, in a real browser', function () {
  this.timeout(120_000);
  let mails: MailServer;
  let site: Site;
  let readMail: ReturnType<typeof createMailReader>;
  let operatorPage: { visitor: Visitor; tab: Tab };
  const visitors: Visitor[] = [];

  before(async () => {
    mails = await openMailServer();
    readMail = createMailReader(mails);
    site = await openSite({ LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.com' });
    const visitor = await visit();
    const tab = await visitor.open('/signup');
    await tab.signUp(operator, password);
    await tab.live();
    const args = ['operator', 'add', operator];
    const command = await startService({ env: { LATCHKEY_DATA_DIR: site.dataFolder }, args, seeded: false });
    if ((await command.exited()) !== 0) throw new Error(command.log());
    operatorPage = { visitor, tab: await visitor.open('/console') };
    await goTo(operatorPage.tab, 'Invitations');
  });
  after(async () => {
    for (const visitor of visitors) expect(visitor.complaints()).to.deep.equal([]);
    await site.close();
    await mails.close();
  });

  async function visit(...options: Parameters<Site['visit']>): Promise<Visitor> {
    const visitor = await site.visit(...options);
    visitors.push(visitor);
    return visitor;
  }

  const openLink = (visitor: Visitor, link: string): Promise<Tab> => visitor.open(link.slice(site.url.length));

  async function invite(email: string, { send = true } = {}): Promise<void> {
    const { page, at } = operatorPage.tab;
    await page.getByRole('button', { name: 'Invite a user' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByTestId('email').fill(email);
    await dialog.getByTestId('name').fill('Ann');
    if (!send) await dialog.getByLabel('Send the link by mail').uncheck();
    await expectPresentable('invite', operatorPage.tab);
    await dialog.getByTestId('submit').click();
    if (send) await at('news').filter({ hasText: email }).waitFor();
  }

  async function fillIn(tab: Tab, chosen: string): Promise<void> {
    await tab.at('new-password').fill(chosen);
    await tab.at('submit').click();
  }

  it('make an account by the link of a mail, once, and sign in', async () => {
    const email = 'ann@example.com';
    await invite(email);
    await rowOf(operatorPage.tab, email).getByText('Open', { exact: true }).waitFor();
    await expectPresentable('invitations', operatorPage.tab);
    const { link } = await readMail(email, '/invitation');
    const visitor = await visit();
    const tab = await openLink(visitor, link);
    expect(await tab.text('link-for')).to.match(/^For a…@example\.com at /);
    expect(new URL(tab.page.url()).hash).to.equal('');
    await expectPresentable('invitation', tab);
    await expectForcedColours('invitation', tab);
    await fillIn(tab, 'short');
    await tab.page.getByText(/at least \d+ characters long/).waitFor();
    await fillIn(tab, password);
    await tab.live();
    expect(new URL(tab.page.url()).pathname).to.equal('/account');
    await tab.page.getByText('Verified', { exact: true }).waitFor();
    const again = await openLink(visitor, link);
    await again.at('link-invalid').waitFor();
    await goTo(operatorPage.tab, 'Invitations');
    await operatorPage.tab.page.getByText('Accepted', { exact: true }).waitFor();
  });

  it('keep the session of another user who is signed in in the browser', async () => {
    const email = 'bob@example.com';
    await invite(email, { send: false });
    const link = await operatorPage.tab.text('secret');
    await operatorPage.tab.at('kept').click();
    expect(mails.received.some(({ to }) => to.includes(email))).to.equal(false);
    const tab = await openLink(operatorPage.visitor, link);
    await fillIn(tab, password);
    await tab.at('session-kept').waitFor();
    await expectPresentable('session kept', tab);
    const account = await operatorPage.visitor.open('/account');
    await account.live();
    await account.at('who').filter({ hasText: operator }).waitFor();
    const own = await (await visit()).open('/signin');
    await own.signIn(email, password);
    await own.live();
    await own.page.getByText('Not verified').waitFor();
  });

  it('are not usable once the invitation was revoked', async () => {
    const email = 'eve@example.com';
    await goTo(operatorPage.tab, 'Invitations');
    await invite(email);
    const { link } = await readMail(email, '/invitation');
    const tab = await openLink(await visit(), link);
    await tab.at('new-password').waitFor();
    await press(operatorPage.tab, email, /^Revoke/);
    await operatorPage.tab.at('news').filter({ hasText: 'is revoked' }).waitFor();
    await fillIn(tab, password);
    await tab.page.getByText(/not valid any more/).waitFor();
    const again = await openLink(await visit(), link);
    await again.at('link-invalid').waitFor();
  });

  it('refuse an address that has an account, beside its field', async () => {
    const { page } = operatorPage.tab;
    await page.getByRole('button', { name: 'Invite a user' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByTestId('email').fill(operator);
    await dialog.getByTestId('submit').click();
    await dialog.locator('#invitation-email-error').filter({ hasText: 'already exists' }).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`are accessible and fit 360 px, ${colorScheme}, and say what to do without a link`, async () => {
      const visitor = await visit({ colorScheme, viewport: { width: 360, height: 740 } });
      const tab = await visitor.open(`/invitation#secret=${'A'.repeat(43)}`);
      expect(await tab.text('link-invalid')).to.match(/not valid any more/);
      await expectPresentable('/invitation', tab);
      const bare = await visitor.open('/invitation');
      expect(await bare.text('link-invalid')).to.match(/^Open the link in the mail again/);
    });

  it('speak German to a browser that does', async () => {
    const tab = await (await visit({ locale: 'de-AT' })).open('/invitation');
    await tab.page.getByRole('heading', { name: 'Einladung annehmen' }).waitFor();
  });
});
