import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { makePng } from '../test-kit/png.ts';
import { goTo, rowOf } from './console/console-tab.ts';
import { expectPresentable } from './pages/look.ts';
import { openSite, type Site } from './pages/site.ts';
import type { Tab } from './pages/visitor.ts';

const password = 'violet anchor rain';
const [, docColour = ''] = /colour: '(#[\da-f]{6})'/.exec(readFileSync('docs/build/brand.md', 'utf8')) ?? [];
const styleOf = ({ page }: Tab, selector: string, property: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((node, name) => getComputedStyle(node).getPropertyValue(name), property);

describe('the brand of a tenant, in a real browser', function () {
  this.timeout(60_000);
  let site: Site;
  let consoleTab: Tab;

  before(async () => {
    site = await openSite();
    const [, code] = /signup#operator=([\w-]{43})/.exec(site.log()) ?? [];
    consoleTab = await (await site.visit()).open(`/signup#operator=${code}`);
    await consoleTab.signUp('olga@example.com', password);
    await consoleTab.live();
    await consoleTab.page.goto(`${site.url}/console#tenants`);
    await rowOf(consoleTab, 'Default').waitFor();
  });
  after(() => site.close());

  const edit = async (values: Readonly<Record<string, string>>, logo?: Buffer): Promise<void> => {
    await rowOf(consoleTab, 'Default')
      .getByRole('button', { name: /^Brand/ })
      .click();
    const form = consoleTab.page.locator('dialog form');
    for (const [name, value] of Object.entries(values)) await form.locator(`[name=${name}]`).fill(value);
    if (logo !== undefined) {
      const file = { name: 'logo.png', mimeType: 'image/png', buffer: logo };
      await consoleTab.at('logo').setInputFiles(file);
      await consoleTab.page.waitForFunction(
        () => document.querySelector<HTMLInputElement>('[name=logo]')?.value !== '',
      );
    }
    await expectPresentable('the form of the brand', consoleTab);
    await form.getByTestId('submit').click();
  };

  it('is refused with the reason beside its field', async () => {
    await edit({ colour: '#ffd700' }, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
    await consoleTab.page.getByText(/has a contrast of 1\.\d+:1 .* use a darker one/).waitFor();
    await consoleTab.page.getByText('is no PNG or WebP image').waitFor();
    await consoleTab.page.getByRole('button', { name: 'Cancel' }).click();
  });

  it('is set in the console', async () => {
    await edit({ name: 'Example Bank', colour: docColour }, makePng(320, 80, [138, 28, 28]));
    await consoleTab.page.getByText('The brand of Default is changed.').waitFor();
    await goTo(consoleTab, 'Audit');
    await rowOf(consoleTab, 'Tenant changed').filter({ hasText: 'of brand' }).waitFor();
    await goTo(consoleTab, 'Tenants');
  });

  for (const colorScheme of ['light', 'dark'] as const)
    it(`is shown on the pages of the tenant, ${colorScheme}`, async () => {
      const visitor = await site.visit({ colorScheme, viewport: { width: 360, height: 740 } });
      const tab = await visitor.open('/signin');
      await tab.page.locator('.masthead', { hasText: 'Example Bank' }).waitFor();
      const image = tab.page.locator('.masthead img');
      await tab.page.waitForFunction(
        () => (document.querySelector('.masthead img') as HTMLImageElement).naturalWidth === 320,
      );
      expect(await image.getAttribute('src')).to.match(/^\/brand\/[\da-f]{64}\.png$/);
      expect(await tab.page.title()).to.equal('Sign in · Example Bank');
      if (colorScheme === 'light')
        await tab.page.waitForFunction(
          () => getComputedStyle(document.querySelector('button.primary')!).backgroundColor === 'rgb(138, 28, 28)',
        );
      await expectPresentable('sign in', tab);
      await tab.page.locator('a[href="/signup"]').click();
      await tab.signUp(`${colorScheme}@example.com`, password);
      await tab.live();
      await tab.sessions(1);
      await tab.page.locator('.masthead', { hasText: 'Example Bank' }).waitFor();
      await expectPresentable('account', tab);
      expect(visitor.complaints()).to.deep.equal([]);
    });

  it('yields to colours that the user has set', async () => {
    const tab = await (await site.visit({ forcedColors: 'active' })).open('/signin');
    await tab.page.locator('.masthead', { hasText: 'Example Bank' }).waitFor();
    expect(await styleOf(tab, 'button.primary', 'background-color')).to.not.equal('rgb(138, 28, 28)');
    await expectPresentable('forced colours', tab);
  });

  it('is served as an image that never changes', async () => {
    const { tenant } = (await (await fetch(`${site.url}/signin/options`)).json()) as {
      tenant: { brand: { logo: string } };
    };
    const answer = await fetch(site.url + tenant.brand.logo);
    expect(answer.headers.get('content-type')).to.equal('image/png');
    expect(answer.headers.get('cache-control')).to.equal('public, max-age=31536000, immutable');
    expect(answer.headers.get('x-content-type-options')).to.equal('nosniff');
    expect(answer.headers.get('cross-origin-resource-policy')).to.equal('cross-origin');
    expect(Buffer.from(await answer.arrayBuffer())).to.deep.equal(makePng(320, 80, [138, 28, 28]));
  });

  it('is removed with its last part', async () => {
    await edit({ name: '', colour: '' });
    await consoleTab.page.getByText('The brand of Default is changed.').waitFor();
    await rowOf(consoleTab, 'Default')
      .getByRole('button', { name: /^Brand/ })
      .click();
    await consoleTab.page.getByLabel('Remove it').check();
    await consoleTab.page.locator('dialog').getByTestId('submit').click();
    await consoleTab.page.locator('dialog').waitFor({ state: 'detached' });
    const { tenant } = (await (await fetch(`${site.url}/signin/options`)).json()) as { tenant: { brand: unknown } };
    expect(tenant.brand).to.equal(null);
  });
});
