import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import { tabTo } from './keyboard.ts';
import type { Site } from './site.ts';
import type { Tab } from './visitor.ts';

const password = 'violet anchor rain';
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds, serious or not, as short lines. */
async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const { violations } = await page.evaluate(() =>
    (window as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
      resultTypes: ['violations'],
    }),
  );
  return violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map((node) => node.html).join(' ')}`);
}

/** Nothing for axe-core to find, and nothing that scrolls sideways. */
export async function expectPresentable(name: string, tab: Pick<Tab, 'page'>): Promise<void> {
  expect(await violations(tab.page), name).to.deep.equal([]);
  await expectFits(name, tab);
}

/** With the colours of the system: nothing for axe-core to find, and each control has a border or an underline. */
export async function expectForcedColours(name: string, tab: Pick<Tab, 'page'>): Promise<void> {
  const { page } = tab;
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await expectPresentable(`${name}, with forced colours`, tab);
  const invisible = await page.evaluate(() => {
    const controls =
      'main button, main select, main textarea, main input:not([type=hidden], [type=checkbox], [type=radio])';
    return [...document.querySelectorAll<HTMLElement>(controls)]
      .filter((control) => {
        const { borderTopStyle, borderTopWidth, textDecorationLine } = getComputedStyle(control);
        const hasBorder = borderTopStyle !== 'none' && borderTopWidth !== '0px';
        return control.checkVisibility() && !hasBorder && textDecorationLine === 'none';
      })
      .map(({ outerHTML }) => outerHTML);
  });
  expect(invisible, `${name} has controls without a border`).to.deep.equal([]);
  await page.emulateMedia({ forcedColors: 'none', reducedMotion: null });
}

/** Nothing scrolls sideways, and the name of each row has space for some words. */
export async function expectFits(name: string, { page }: Pick<Tab, 'page'>): Promise<void> {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content, `${name} scrolls sideways`).to.be.at.most(window as number);
  const narrow = await page.evaluate(() =>
    [...document.querySelectorAll<HTMLElement>('[data-testid=row] .browser')]
      .filter((row) => row.clientWidth < 200)
      .map((row) => row.innerText),
  );
  expect(narrow, `${name} has rows that are too narrow`).to.deep.equal([]);
}

/** Tests of how the pages look and are used, on a running site. */
export function describeLooks(site: () => Site): void {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [360, 1100])
      it(`are accessible and fit, ${colorScheme}, ${width} px wide`, async () => {
        const visitor = await site().visit({ colorScheme, viewport: { width, height: 740 } });
        const tab = await visitor.open('/signin');
        await tab.at('submit').click();
        await tab.page.getByText('Enter your email address.').waitFor();
        await expectPresentable('address', tab);
        await tab.at('email').fill('ann@example.com');
        await tab.at('submit').click();
        await tab.at('password').waitFor();
        await tab.at('submit').click();
        await tab.page.getByText('Enter your password.').waitFor();
        await expectPresentable('sign in', tab);
        await tab.at('other-address').click();
        expect(await tab.at('email').inputValue()).to.equal('ann@example.com');
        await tab.page.locator('a[href="/signup"]').click();
        await expectPresentable('sign up', tab);
        await tab.signUp(
          `a.rather.long.address.of.a.user+${colorScheme}.${width}@example-of-a-long-domain.com`,
          password,
        );
        await tab.live();
        await tab.sessions(1);
        await tab.page.getByText('For developers').click();
        await expectPresentable('account', tab);
        await tab.page.goto(`${site().url}/demo`);
        await tab.live();
        await expectPresentable('demonstration', tab);
        await tab.at('logout').click();
        await tab.notice();
        await expectPresentable('signed out', tab);
        expect(visitor.complaints()).to.deep.equal([]);
        await visitor.close();
      });

  it('are in the language of the browser, and fit in German', async () => {
    const visitor = await site().visit({ locale: 'de-AT', viewport: { width: 360, height: 740 } });
    const tab = await visitor.open('/signin');
    await tab.at('submit').filter({ hasText: 'Weiter' }).waitFor();
    expect(await tab.page.evaluate(() => document.documentElement.lang)).to.equal('de');
    await expectPresentable('sign in', tab);
    await tab.signUp('anna@example.com', password);
    await tab.live();
    await tab.sessions(1);
    await expectPresentable('account', tab);
    await tab.page.goto(`${site().url}/demo`);
    await tab.live();
    expect(await tab.text('status')).to.match(/^Verbunden/);
    await expectPresentable('demonstration', tab);
    await tab.at('logout').click();
    expect(await tab.notice()).to.equal('Sie sind abgemeldet.');
    await tab.signIn('anna@example.com', 'not the password');
    await tab.page.getByText('Die Adresse oder das Passwort ist falsch.').waitFor();
    await visitor.close();
  });

  it('need nothing but a keyboard', async () => {
    const visitor = await site().visit();
    const { page, live, notice, generation } = await visitor.open('/signup');
    const { keyboard } = page;
    await page.locator('[data-testid=email]:focus').waitFor();
    await keyboard.type('keys@example.com');
    await tabTo(page, /password/);
    await keyboard.type(password);
    await keyboard.press('Enter');
    await live();
    await tabTo(page, /Log out/);
    await keyboard.press('Enter');
    await notice();
    await page.locator('[data-testid=email]:focus').waitFor();
    await keyboard.type('keys@example.com');
    await keyboard.press('Enter');
    await page.locator('[data-testid=password]:focus').waitFor();
    await keyboard.type(password);
    await tabTo(page, /^Sign in$/);
    await keyboard.press('Space');
    await live();
    await page.goto(`${site().url}/demo`);
    await live(2);
    await tabTo(page, /Cut the connection/);
    await keyboard.press('Space');
    await live(3);
    expect(await generation()).to.equal(3);
    await visitor.close();
  });

  it('let a password be pasted and looked at', async () => {
    const visitor = await site().visit();
    const { page, at } = await visitor.open('/signin');
    await at('email').fill('ann@example.com');
    await at('submit').click();
    await visitor.context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.evaluate((text) => navigator.clipboard.writeText(text), password);
    await at('password').focus();
    await page.keyboard.press('Control+V');
    await page.getByRole('button', { name: 'Show password' }).click();
    expect(await at('password').getAttribute('type')).to.equal('text');
    expect(await at('password').inputValue()).to.equal(password);
    expect(await at('password').getAttribute('autocomplete')).to.equal('current-password');
    const username = page.locator('form:has([data-testid=password]) input[autocomplete=username]');
    expect(await username.inputValue()).to.equal('ann@example.com');
    await visitor.close();
  });
}
