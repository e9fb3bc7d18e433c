import type { Page } from 'playwright-core';
import { goTo } from '../test/console/console-tab.ts';
import { openSite, type Site } from '../test/pages/site.ts';
import type { Tab, Visitor } from '../test/pages/visitor.ts';
import { sharedBrowser } from '../test-kit/browser/shared-browser.ts';

// Writes docs/images: the pages of a new service in a real browser, each in light and in dark mode. `npm run docs:images`.

const password = 'violet anchor rain';
const viewport = { width: 960, height: 640 };
const modes = ['light', 'dark'] as const;

async function write(page: Page, name: string): Promise<void> {
  for (const colorScheme of modes) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.screenshot({ path: `docs/images/${name}-${colorScheme}.png` });
  }
}

/** Opens a form of an anonymous visitor. */
async function writeForm(site: Site, path: string, name: string): Promise<void> {
  const { page } = await (await site.visit({ viewport })).open(path);
  await page.getByTestId('submit').waitFor();
  await page.mouse.click(5, 5);
  await write(page, name);
}

async function signUp(visitor: Visitor, path: string, email: string): Promise<Tab> {
  const tab = await visitor.open(path);
  await tab.signUp(email, password);
  await tab.live();
  return tab;
}

/** The pictures of the console, by the link of their section. */
const sections = [
  ['Overview', 'console-overview', 640],
  ['Sessions', 'console', 760],
  ['Tenants', 'console-tenants', 520],
  ['Audit', 'console-audit', 800],
] as const;

async function writeConsole(operator: Tab): Promise<void> {
  const { page } = operator;
  await page.goto(new URL('/console', page.url()).href);
  await page.getByText('Live: this page updates automatically.').waitFor();
  for (const [section, name, height] of sections) {
    await goTo(operator, section);
    await page.setViewportSize({ ...viewport, height });
    await page.mouse.move(0, 0);
    await page.waitForTimeout(1_000);
    await write(page, name);
  }
}

const site = await openSite();
try {
  await writeForm(site, '/signin', 'sign-in');
  await writeForm(site, '/signup', 'sign-up');
  const [, code] = /signup#operator=([\w-]{43})/.exec(site.log()) ?? [];
  const operator = await site.visit({ viewport });
  const tab = await signUp(operator, `/signup#operator=${code}`, 'operator@example.com');
  for (const name of ['first', 'second', 'third']) {
    await signUp(await site.visit({ viewport }), '/signup', `${name}@example.com`);
  }
  await tab.page.setViewportSize({ ...viewport, height: 760 });
  await write(tab.page, 'account');
  await tab.page.goto(`${site.url}/demo`);
  await tab.live(2);
  await write(tab.page, 'demo');
  await writeConsole(tab);
} finally {
  await site.close();
  await sharedBrowser.close();
}
