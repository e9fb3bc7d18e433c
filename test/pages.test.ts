import { expect } from 'chai';
import { describeLooks, expectPresentable } from './pages/look.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab, Visitor } from './pages/visitor.ts';

const password = 'violet anchor rain';
const nextPassword = 'green paper lantern';
let addresses = 0;

function newAddress(): string {
  addresses += 1;
  return `visitor${addresses}@example.com`;
}

describe('the pages, in a real browser', function () {
  this.timeout(90_000);
  let site: Site;
  let ann: Visitor;
  let visitors: Visitor[];

  before(async () => {
    site = await openSite();
  });
  after(() => site.close());

  const visit = async (): Promise<Visitor> => {
    const visitor = await site.visit();
    visitors.push(visitor);
    return visitor;
  };
  const signUp = async (visitor: Visitor): Promise<{ tab: Tab; email: string }> => {
    const [tab, email] = [await visitor.open(), newAddress()];
    await tab.signUp(email, password);
    await tab.live();
    await tab.sessions(1);
    return { tab, email };
  };
  const signUpAtDemo = async (visitor: Visitor): Promise<{ tab: Tab; email: string }> => {
    const [tab, email] = [await visitor.open('/demo'), newAddress()];
    await tab.signUp(email, password);
    await tab.live(1);
    return { tab, email };
  };

  beforeEach(async () => {
    visitors = [];
    ann = await visit();
  });
  afterEach(async () => {
    for (const visitor of visitors) expect(visitor.complaints()).to.deep.equal([]);
    for (const visitor of visitors) await visitor.close();
  });

  it('sign a user up on a socket', async () => {
    const { tab, email } = await signUp(ann);
    await tab.at('who').filter({ hasText: email }).waitFor();
    expect(new URL(tab.page.url()).pathname).to.equal('/account');
    expect(await tab.text('session-row')).to.match(/Chrome.*This browser.*127\.0\.0\.0\/24.*Online/);
  });

  it('show the form before the client of sessions is loaded, and say when that fails', async () => {
    await ann.context.route(/open-page-session/, (route) => route.abort());
    const [tab, email] = [await ann.open('/signup'), newAddress()];
    await tab.signUp(email, password);
    await tab.page.getByText('Something went wrong on this page. Load it again.').waitFor();
    await ann.context.unroute(/open-page-session/);
    await tab.page.reload();
    await tab.signUp(email, password);
    await tab.live();
    visitors = visitors.filter((visitor) => visitor !== ann);
    expect(ann.complaints().filter((line) => !line.includes('ERR_FAILED'))).to.deep.equal([]);
  });

  it('say at an unknown address that there is no page, and lead to the sign-in', async () => {
    const page = await ann.context.newPage();
    const answer = await page.goto(`${site.url}/acount`);
    expect(answer?.status()).to.equal(404);
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    expect(await page.title()).to.equal('Page not found · Latchkey');
    await expectPresentable('the page of an unknown address', { page });
    await page.getByRole('link', { name: 'Go to your account' }).click();
    await page.getByLabel('Email address').waitFor();
    expect(new URL(page.url()).pathname).to.equal('/signin');
  });

  it('a cut socket reconnects with the next generation', async () => {
    const { tab } = await signUpAtDemo(ann);
    expect(await tab.text('status')).to.match(/^Live/);
    const words = await tab.watchStatus();
    await tab.at('cut').click();
    await tab.live(2);
    expect((await words()).join()).to.match(/^(Offline|Connecting).*Live$/);
  });

  it('a reloaded page is still signed in, with the next generation', async () => {
    const { tab } = await signUpAtDemo(ann);
    await tab.page.reload();
    await tab.live(2);
    expect(new URL(tab.page.url()).pathname).to.equal('/demo');
  });

  it('a second tab shares the session', async () => {
    const { tab } = await signUpAtDemo(ann);
    const second = await ann.open('/demo');
    await second.live(2);
    await tab.live(2);
    await tab.at('cut').click();
    await tab.live(3);
    await second.live(3);
    const account = await ann.open('/signin');
    await account.sessions(1);
  });

  it('a tab at the form is signed in when another tab signs in', async () => {
    const waiting = await ann.open();
    await waiting.at('email').waitFor();
    const tab = await ann.open('/signup');
    await tab.signUp(newAddress(), password);
    await waiting.live();
    await tab.live();
    expect(new URL(waiting.page.url()).pathname).to.equal('/account');
  });

  it('a logout in one tab signs out both with a message', async () => {
    const { tab } = await signUp(ann);
    const second = await ann.open();
    await second.live();
    await tab.at('logout').click();
    expect(await tab.notice()).to.equal('You are signed out.');
    expect(await second.notice()).to.equal('You signed out in another tab.');
    const stored = await tab.page.evaluate(() =>
      Object.values({ ...localStorage }).filter((value) => /\.\w+\./.test(value)),
    );
    expect(stored).to.deep.equal([]);
  });

  it('a tab shows the signed-in user, also when another tab signed out and in at once', async () => {
    const { tab: first, email: earlier } = await signUpAtDemo(ann);
    const stored = await first.page.evaluate(() => ({ ...localStorage }));
    // No page of the service, so no session: only its storage.
    await first.page.goto(`${site.url}/health/live`);
    await first.page.evaluate(() => localStorage.clear());
    const tab = await ann.open('/demo');
    await tab.signUp(newAddress(), password);
    await tab.live(1);
    await first.page.evaluate((entries) => Object.assign(localStorage, entries), stored);
    await tab.at('who').filter({ hasText: earlier }).waitFor({ timeout: 10_000 });
    await tab.live(2);
  });

  it('a lost network does not sign the user out', async () => {
    const { tab } = await signUp(ann);
    await ann.context.setOffline(true);
    await tab.page.locator('[data-status="offline"]').waitFor();
    expect(await tab.text('status')).to.contain('You are still signed in.');
    await ann.context.setOffline(false);
    await tab.live();
    expect(await tab.text('status')).to.equal('');
    // The browser itself writes each failed connection to the console.
    visitors = visitors.filter((visitor) => visitor !== ann);
    expect(ann.complaints().filter((line) => !line.includes('ERR_INTERNET_DISCONNECTED'))).to.deep.equal([]);
  });

  it('a logout without an answer rejects, and removes the session in this browser when called again', async () => {
    const { tab } = await signUp(ann);
    await ann.context.setOffline(true);
    await tab.page.locator('[data-status="offline"]').waitFor();
    await tab.at('logout').click();
    await tab.page.getByText('The service is unavailable').waitFor();
    expect(await tab.text('status')).to.contain('You are still signed in.');
    await tab.page.getByRole('button', { name: 'Sign out in this browser only' }).click();
    expect(await tab.notice()).to.equal('You are signed out.');
    await ann.context.setOffline(false);
    await tab.page.reload();
    await tab.at('submit').waitFor();
    visitors = visitors.filter((visitor) => visitor !== ann);
  });

  it('shows an error as a message beside its field', async () => {
    const { tab, email } = await signUp(ann);
    await tab.at('logout').click();
    await tab.signIn(email, 'not the password');
    await tab.page.getByText('The address or the password is wrong.').waitFor();
    expect(await tab.at('password').getAttribute('aria-invalid')).to.equal('true');
    await tab.signUp(email, password);
    expect(await tab.notice()).to.equal('An account with this address already exists. Sign in.');
    expect(await tab.text('address')).to.include(email);
    await tab.signUp(newAddress(), 'short');
    await tab.page.getByText('The password has to be at least 8 characters long.').waitFor();
    await tab.signIn(email, password);
    await tab.live();
  });

  it('a changed password ends the other sessions, and the old one is refused', async () => {
    const { tab, email } = await signUp(ann);
    const phone = await (await visit()).open();
    await phone.signIn(email, password);
    await phone.live();
    await changePassword(tab, 'not the password');
    await tab.page.getByText('This is not your current password.').waitFor();
    await changePassword(tab, password);
    await tab.page.getByText('The password is changed. One other session was ended.').waitFor();
    expect(await phone.notice()).to.match(/^Your password was changed/);
    await phone.signIn(email, password);
    await phone.page.getByText('The address or the password is wrong.').waitFor();
    await phone.signIn(email, nextPassword);
    await phone.live();
    await tab.live();
  });

  it('ends the session of another device', async () => {
    const { tab, email } = await signUp(ann);
    const phone = await (await visit()).open();
    await phone.signIn(email, password);
    await phone.live();
    await tab.sessions(2);
    await tab.at('end-session').click();
    expect(await phone.notice()).to.equal('Your session was ended from another device.');
    await tab.sessions(1);
    await tab.live();
  });

  it('ends the other sessions, then all', async () => {
    const { tab, email } = await signUp(ann);
    const phone = await (await visit()).open();
    await phone.signIn(email, password);
    await phone.live();
    await tab.at('end-others').click();
    await tab.page.getByText('One other session was ended.').waitFor();
    expect(await phone.notice()).to.not.equal('');
    await phone.signIn(email, password);
    await phone.live();
    await phone.at('end-all').click();
    expect(await phone.notice()).to.equal('You are signed out everywhere.');
    expect(await tab.notice()).to.not.equal('');
  });

  describe('for all users', () => describeLooks(() => site));

  it('shows no token, and logs none', async () => {
    const { tab } = await signUpAtDemo(ann);
    await tab.at('cut').click();
    await tab.live(2);
    const [stored, html] = await tab.page.evaluate(() => [
      Object.values({ ...localStorage }),
      document.documentElement.outerHTML,
    ]);
    const secrets = stored.flatMap((value) => value.split('.')).filter((part) => part.length >= 16);
    expect(secrets).to.not.deep.equal([]);
    for (const secret of [...secrets.slice(1), password]) {
      expect(html).to.not.contain(secret);
      expect(ann.console()).to.not.contain(secret);
      expect(site.log()).to.not.contain(secret);
    }
  });
});

async function changePassword(tab: Tab, current: string): Promise<void> {
  await tab.at('current-password').fill(current);
  await tab.at('new-password').fill(nextPassword);
  await tab.page.getByRole('button', { name: 'Change password' }).click();
}
