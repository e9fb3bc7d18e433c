import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { expectForcedColours, expectPresentable } from './pages/look.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab } from './pages/visitor.ts';

const password = 'violet anchor rain';

describe('the account page, in a real browser', function () {
  this.timeout(60_000);
  let site: Site;
  let tab: Tab;

  before(async () => {
    site = await openSite();
    tab = await (await site.visit({ viewport: { width: 360, height: 740 } })).open('/signup');
    await tab.signUp('ann@example.com', password);
    await tab.live();
  });
  after(() => site.close());

  it('changes the profile, and shows an error beside its field', async () => {
    const card = tab.at('profile-card');
    await card.getByLabel('Name').fill('Ann Example');
    await card.getByLabel('Picture').fill('http://example.com/ann.png');
    await card.getByTestId('submit').click();
    await card.locator('.field-error:not(:empty)').waitFor();
    expect(await card.getByLabel('Picture').getAttribute('aria-invalid')).to.equal('true');
    await card.getByLabel('Picture').fill('https://example.com/ann.png');
    await card.getByLabel('Language').fill('de-at');
    await card.getByTestId('submit').click();
    await tab.at('profile-news').filter({ hasText: 'The profile is saved.' }).waitFor();
    await tab.page.reload();
    await tab.page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('#profile-name')?.value === 'Ann Example',
    );
    expect(await card.getByLabel('Language').inputValue()).to.equal('de-AT');
  });

  it('lists the activity', async () => {
    await tab.at('activity').click();
    const rows = tab.at('activity-row');
    await rows.filter({ hasText: 'Account created' }).waitFor();
    await expectPresentable('account', tab);
  });

  it('saves an export of the account as a file', async () => {
    const [download] = await Promise.all([tab.page.waitForEvent('download'), tab.at('export').click()]);
    const saved = JSON.parse(readFileSync(await download.path(), 'utf8')) as { user: { email: string; name: string } };
    expect(saved.user).to.include({ email: 'ann@example.com', name: 'Ann Example' });
    expect(download.suggestedFilename()).to.match(/^account-[\da-f-]{36}\.json$/);
  });

  it('can be read with forced colours, dark, and at a zoom of 200 %', async () => {
    await expectForcedColours('account', tab);
    await tab.page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    // Half the pixels of a window that is 640 px wide.
    await tab.page.setViewportSize({ width: 320, height: 400 });
    await expectPresentable('account at 200 %', tab);
    await tab.page.emulateMedia({ colorScheme: 'light' });
  });

  it('deletes the account after a confirmation', async () => {
    await tab.at('delete-account').click();
    await expectPresentable('confirmation', tab);
    await tab.page.getByRole('button', { name: 'Cancel' }).click();
    expect(await tab.at('who').textContent()).to.equal('ann@example.com');
    await tab.at('delete-account').click();
    await tab.at('confirm').click();
    expect(await tab.notice()).to.equal('This account was deleted.');
    await tab.signIn('ann@example.com', password);
    await tab.page.getByText('The address or the password is wrong.').waitFor();
  });
});
