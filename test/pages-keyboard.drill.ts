import { expect } from 'chai';
import { waitFor } from '../test-kit/wait-for.ts';
import { tabTo } from './pages/keyboard.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab } from './pages/visitor.ts';

const [password, nextPassword] = ['violet anchor rain', 'green paper lantern'];
const nextAddress = 'ann.smith@example.com';

/** No pointer is used. `tabTo` fails where the focus is not visible. */
describe('the cards of the account page, by the keyboard', function () {
  this.timeout(60_000);
  let site: Site;
  let tab: Tab;

  before(async () => {
    site = await openSite();
    tab = await (await site.visit()).open('/signup');
    await tab.signUp('ann@example.com', password);
    await tab.live();
    await tab.sessions(1);
    await tab.page.locator('#profile-name').waitFor();
  });
  after(() => site.close());

  const reach = (name: RegExp) => tabTo(tab.page, name);
  const press = (key: string) => tab.page.keyboard.press(key);
  const type = (text: string) => tab.page.keyboard.type(text);
  const focused = () => tab.page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
  const waitForFocus = (id: string) => tab.page.waitForFunction((wanted) => document.activeElement?.id === wanted, id);

  /** The code that the newest mail to an address has. */
  async function readCode(email: string): Promise<string> {
    const [, key] = /\/dev\/mailbox#key=(\S+)/.exec(site.log())!;
    let code: string | undefined;
    await waitFor(async () => {
      const answer = await fetch(`${site.url}/dev/mailbox/mails`, { headers: { authorization: `Bearer ${key}` } });
      const { mails } = (await answer.json()) as { mails: { to: string; text: string }[] };
      const text = mails.find(({ to }) => to === email)?.text ?? '';
      code = /^\s*(\d{6})\s*$/m.exec(text)?.[1];
      return code !== undefined;
    });
    return code!;
  }

  it('change the address by a code, and keep the place of the focus', async () => {
    await reach(/^Change the address$/);
    await press('Enter');
    await waitForFocus('email-new-email');
    await type(nextAddress);
    await reach(/^email-password$/);
    await type(password);
    await press('Enter');
    await waitForFocus('email-code-code');
    await type(await readCode(nextAddress));
    await press('Enter');
    await tab.page.getByText('Your address is changed.').waitFor();
    await waitForFocus('email-title');
  });

  it('open and leave the form of the address', async () => {
    await reach(/^Change the address$/);
    await press('Enter');
    await waitForFocus('email-new-email');
    await reach(/^Cancel$/);
    await press('Enter');
    await tab.page.waitForFunction(() => document.activeElement?.textContent === 'Change the address');
  });

  it('change the profile', async () => {
    await reach(/^profile-name$/);
    await type('Ann Smith');
    await press('Enter');
    await tab.at('profile-news').filter({ hasText: 'The profile is saved.' }).waitFor();
    expect(await focused()).to.equal('profile-name');
  });

  it('change the password', async () => {
    await reach(/^change-current-password$/);
    await type(password);
    await reach(/^change-new-password$/);
    await type(nextPassword);
    await press('Enter');
    await tab.at('password-news').filter({ hasText: 'The password is changed.' }).waitFor();
  });

  it('show the activity', async () => {
    await reach(/^Show the activity$/);
    await press('Enter');
    await tab.at('activity-row').filter({ hasText: 'Account created' }).waitFor();
  });

  it('export the data', async () => {
    await reach(/^Export my data$/);
    const [download] = await Promise.all([tab.page.waitForEvent('download'), press('Enter')]);
    expect(download.suggestedFilename()).to.match(/^account-/);
  });

  it('delete the account after a confirmation that Escape leaves', async () => {
    await reach(/^Delete my account$/);
    await press('Enter');
    await tab.page.getByRole('dialog').waitFor();
    await press('Escape');
    await tab.page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).to.equal('Delete my account');
    await press('Enter');
    await tab.page.getByRole('dialog').waitFor();
    await reach(/^Delete it$/);
    await press('Enter');
    expect(await tab.notice()).to.equal('This account was deleted.');
  });
});
