import { expect } from 'chai';
import { type MailServer, openMailServer } from '../test-kit/mail-server.ts';
import { startService } from '../test-kit/node/service-process.ts';
import { expectForcedColours, expectPresentable } from './pages/look.ts';
import { createMailReader } from './pages/mails.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab, Visitor } from './pages/visitor.ts';

const password = 'violet anchor rain';
const nextPassword = 'green paper lantern';
let addresses = 0;

function newAddress(): string {
  addresses += 1;
  return `mailed${addresses}@example.com`;
}

/** Makes a backend that may administrate, and tenants whose users have to verify their address, or may. */
async function makeTenants({ url, dataFolder }: Site): Promise<void> {
  const args = ['backend', 'create', 'Desk', '--id', 'desk', '--scopes', 'admin'];
  const command = await startService({ env: { LATCHKEY_DATA_DIR: dataFolder }, args, seeded: false });
  if ((await command.exited()) !== 0) throw new Error(command.log());
  const { backend_id, backend_secret } = JSON.parse(command.log()) as Record<string, string>;
  const authorization = `Basic ${btoa(`${backend_id}:${backend_secret}`)}`;
  const policies = { registration_open: true, email_sign_in: true };
  for (const tenant of [
    { id: 'strict', name: 'Strict', ...policies, email_verification: 'required', password_min_length: 12 },
    { id: 'open', name: 'Open', ...policies, email_verification: 'optional' },
  ]) {
    const answer = await fetch(`${url}/admin/tenants`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(tenant),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
}

describe('the pages of mails, in a real browser', function () {
  this.timeout(120_000);
  let mails: MailServer;
  let site: Site;
  let readMail: ReturnType<typeof createMailReader>;
  let visitors: Visitor[];

  before(async () => {
    mails = await openMailServer();
    readMail = createMailReader(mails);
    site = await openSite({ LATCHKEY_SMTP_URL: mails.url, LATCHKEY_MAIL_FROM: 'no-reply@example.com' });
    await makeTenants(site);
  });
  after(async () => {
    await site.close();
    await mails.close();
  });
  beforeEach(() => {
    visitors = [];
  });
  afterEach(async () => {
    for (const visitor of visitors) expect(visitor.complaints()).to.deep.equal([]);
    for (const visitor of visitors) await visitor.close();
  });

  const visit = async (...options: Parameters<Site['visit']>): Promise<Visitor> => {
    const visitor = await site.visit(...options);
    visitors.push(visitor);
    return visitor;
  };
  const signUp = async (visitor: Visitor): Promise<{ tab: Tab; email: string }> => {
    const [tab, email] = [await visitor.open('/signup'), newAddress()];
    await tab.signUp(email, password);
    await tab.live();
    return { tab, email };
  };
  const pathOf = ({ page }: Tab): string => {
    const { pathname, search, hash } = new URL(page.url());
    return pathname + search + hash;
  };
  const openLink = (visitor: Visitor, link: string): Promise<Tab> => visitor.open(link.slice(site.url.length));
  const typeCode = async ({ at }: Tab, code: string): Promise<void> => {
    await at('code').fill(code);
    await at('submit').click();
  };

  it('set a new password by the code of a mail', async () => {
    const { tab, email } = await signUp(await visit());
    await tab.at('logout').click();
    await tab.notice();
    await tab.at('email').fill(email);
    await tab.at('submit').click();
    await tab.page.getByText('Forgot your password?').click();
    await tab.page.waitForURL('**/forgot');
    await tab.page.locator('[data-testid=email]:focus').waitFor();
    expect(await tab.at('email').inputValue()).to.equal(email);
    await tab.page.keyboard.press('Enter');
    expect(await tab.text('mail-sent')).to.match(/If there is an account .* 30 minutes/);
    const { code } = await readMail(email, '/reset');
    expect(await tab.at('code').getAttribute('autocomplete')).to.equal('one-time-code');
    await tab.at('new-password').fill(nextPassword);
    await typeCode(tab, '12345');
    await tab.page.getByText('The code has six digits.').waitFor();
    await typeCode(tab, code === '000000' ? '000001' : '000000');
    await tab.page.getByText('This code is wrong.').waitFor();
    await tab.page.reload();
    await tab.at('new-password').fill('short');
    await typeCode(tab, code);
    await tab.page.getByText(/at least \d+ characters long/).waitFor();
    await tab.at('new-password').fill(nextPassword);
    await typeCode(tab, `${code.slice(0, 3)} ${code.slice(3)}`);
    await tab.at('password-set').waitFor();
    await tab.page.locator('a[href="/signin"]').click();
    await tab.signIn(email, nextPassword);
    await tab.live();
  });

  it('answer the same for an address without an account', async () => {
    const tab = await (await visit()).open('/forgot');
    await tab.at('email').fill('unknown@example.com');
    await tab.at('submit').click();
    expect(await tab.text('mail-sent')).to.match(/If there is an account/);
    await tab.at('new-password').fill(nextPassword);
    await typeCode(tab, '123456');
    await tab.page.getByText('This code is wrong.').waitFor();
  });

  it('set a new password by a link, once, with no secret left in the address', async () => {
    const { tab, email } = await signUp(await visit());
    const other = await visit();
    const asking = await other.open('/forgot');
    await asking.at('email').fill(email);
    await asking.at('submit').click();
    const { link } = await readMail(email, '/reset');
    const reset = await openLink(other, link);
    expect(await reset.text('link-for')).to.match(/^For m…@example\.com at /);
    expect(pathOf(reset)).to.equal('/reset');
    expect(await reset.page.evaluate(() => history.length)).to.be.at.most(2);
    await expectPresentable('reset', reset);
    await expectForcedColours('reset', reset);
    await reset.at('new-password').fill(nextPassword);
    await reset.page.keyboard.press('Enter');
    await reset.at('password-set').waitFor();
    expect(await tab.notice()).to.match(/new password|set anew|reset/i);
    const again = await openLink(other, link);
    await again.at('link-invalid').waitFor();
    await again.page.getByText('Ask for a new mail').click();
    await again.at('email').waitFor();
  });

  it('finish a sign-up by the code, in the tab that began', async () => {
    const [tab, email] = [await (await visit()).open('/signup?tenant=strict'), newAddress()];
    await tab.page.getByText('Use at least 12 characters').waitFor();
    await tab.signUp(email, password);
    expect(await tab.text('mail-sent')).to.contain(email);
    const { code } = await readMail(email, '/verify');
    await typeCode(tab, code);
    await tab.live();
    expect(pathOf(tab)).to.equal('/account?tenant=strict');
  });

  it('verify the address by the code of the sign-up, in the account that is signed in', async () => {
    const [tab, email] = [await (await visit()).open('/signup?tenant=open'), newAddress()];
    await tab.signUp(email, password);
    await tab.live();
    const { code } = await readMail(email, '/verify');
    await tab.at('have-code').click();
    expect(await tab.text('mail-sent')).to.contain(email);
    await tab.at('code').fill(code);
    await tab.page.getByRole('button', { name: 'Verify the address' }).click();
    await tab.page.getByText('Your address is verified.').waitFor();
    await tab.at('email-state').getByText('Verified', { exact: true }).waitFor();
  });

  it('finish a sign-up by the link, in another tab of the browser that began', async () => {
    const visitor = await visit();
    const [tab, email] = [await visitor.open('/signup?tenant=strict'), newAddress()];
    await tab.signUp(email, password);
    const { link } = await readMail(email, '/verify');
    const verify = await openLink(visitor, link);
    await verify.at('act').waitFor();
    expect(pathOf(verify)).to.equal('/verify');
    await expectPresentable('verify', verify);
    await expectForcedColours('verify', verify);
    await verify.at('act').click();
    await verify.live();
    await tab.live();
    expect(pathOf(verify)).to.equal('/account?tenant=strict');
  });

  it('ask for the password where another browser opens the link', async () => {
    const [tab, email] = [await (await visit()).open('/signup?tenant=strict'), newAddress()];
    await tab.signUp(email, password);
    const { link } = await readMail(email, '/verify');
    const other = await openLink(await visit(), link);
    await other.at('password').fill('not the password');
    await other.at('submit').click();
    await other.page.getByText('This is not the password of the account.').waitFor();
    await other.at('password').fill(password);
    await other.at('submit').click();
    await other.live();
  });

  it('sign in by the code or the link of a mail, in the browser that asked', async () => {
    const [visitor, email] = [await visit(), newAddress()];
    const tab = await visitor.open('/signup?tenant=strict');
    await tab.signUp(email, password);
    await typeCode(tab, (await readMail(email, '/verify')).code);
    await tab.live();
    for (const way of ['code', 'link'] as const) {
      await tab.at('logout').click();
      await tab.notice();
      await tab.at('email').fill(email);
      await tab.at('submit').click();
      const first = way === 'code' ? 'password' : 'mail-code';
      await tab.at('mail-code').waitFor();
      const ways = tab.page.locator('[data-testid=password], [data-testid=mail-code]');
      expect(await ways.first().getAttribute('data-testid')).to.equal(first);
      await tab.at('mail-code').click();
      const { code, link } = await readMail(email, '/sign-in/email');
      const elsewhere = await openLink(await visit(), link);
      expect(await elsewhere.text('other-tab')).to.match(/^Type the code of the mail in the browser/);
      await expectPresentable('sign in by mail', elsewhere);
      await expectForcedColours('sign in by mail', elsewhere);
      if (way === 'code') await typeCode(tab, code);
      else await (await openLink(visitor, link)).at('act').click();
      await tab.live();
    }
  });

  it('change the address by a code, and undo it by the link to the old address', async () => {
    const { tab, email } = await signUp(await visit());
    const next = newAddress();
    await tab.at('change-email').click();
    await tab.at('new-email').fill(next);
    await tab.at('email-card').getByTestId('password').fill(password);
    await tab.at('email-card').getByTestId('submit').click();
    const { code } = await readMail(next, '/account/email');
    await tab.at('code').fill(code);
    await tab.page.getByRole('button', { name: 'Use this address' }).click();
    await tab.page.getByText('Your address is changed.').waitFor();
    await tab.at('who').filter({ hasText: next }).waitFor();
    await expectPresentable('account', tab);
    const undo = await openLink(await visit(), (await readMail(email, '/undo')).link);
    await undo.at('act').waitFor();
    await expectPresentable('undo', undo);
    await expectForcedColours('undo', undo);
    await undo.at('act').click();
    await undo.at('undone').waitFor();
    await undo.page.getByText('Ask for a new mail').click();
    await undo.at('email').waitFor();
    expect(await tab.notice()).to.match(/address of your account was changed/);
  });

  it('confirm a new address by the link, only where the account is signed in', async () => {
    const visitor = await visit();
    const { tab } = await signUp(visitor);
    const next = newAddress();
    await tab.at('change-email').click();
    await tab.at('new-email').fill(next);
    await tab.at('email-card').getByTestId('password').fill(password);
    await tab.at('email-card').getByTestId('submit').click();
    const { link } = await readMail(next, '/account/email');
    const elsewhere = await openLink(await visit(), link);
    await elsewhere.at('act').click();
    await elsewhere.at('signed-out').waitFor();
    const confirm = await openLink(visitor, link);
    await confirm.at('act').click();
    await confirm.at('email-changed').waitFor();
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`are accessible and fit 360 px, ${colorScheme}, and say what to do without a link`, async () => {
      const visitor = await visit({ colorScheme, viewport: { width: 360, height: 740 } });
      const forgot = await visitor.open('/forgot');
      await forgot.at('submit').click();
      await forgot.page.getByText('Enter your email address.').waitFor();
      await expectPresentable('forgot', forgot);
      await forgot.at('email').fill('a.rather.long.address.of.a.user@example-of-a-long-domain.com');
      await forgot.at('submit').click();
      await forgot.at('mail-sent').waitFor();
      await expectPresentable('code', forgot);
      if (colorScheme === 'light') await expectForcedColours('code', forgot);
      for (const path of ['/reset', '/verify', '/sign-in/email', '/account/email', '/undo']) {
        const tab = await visitor.open(`${path}#secret=${'A'.repeat(43)}`);
        expect(await tab.text('link-invalid')).to.match(/not valid any more/);
        expect(pathOf(tab)).to.equal(path);
        await expectPresentable(path, tab);
        const bare = await visitor.open(path);
        expect(await bare.text('link-invalid')).to.match(/^Open the link in the mail again/);
      }
    });

  it('lead password managers to the form, also after a sign-in', async () => {
    const visitor = await visit();
    const { tab } = await signUp(visitor);
    await tab.page.goto(`${site.url}/.well-known/change-password`);
    await tab.live();
    await tab.page.waitForFunction(() => document.activeElement?.id === 'change-current-password');
    expect(pathOf(tab)).to.equal('/account#password');
  });
});
