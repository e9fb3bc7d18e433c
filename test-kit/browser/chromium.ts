import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { unpackChromium } from './chromium-files.ts';

/** The browser of one user: its pages share storage, locks and channels, and nothing with another profile. */
export interface Profile {
  readonly context: BrowserContext;
  newPage(url?: string): Promise<Page>;
  /** What its pages wrote to the console as errors, and what they threw. */
  errors(): readonly string[];
  /** Everything its pages wrote to the console; for the search for secrets. */
  console(): string;
  close(): Promise<void>;
}

/** Names of this machine that are not trusted as `localhost` and `127.0.0.1` are: without https no secure context. */
const plainHosts = '*.plain.test';

/**
 * Starts a headless Chromium that needs no packages of the system. Web security stays on.
 *
 * @example
 * const browser = await launchBrowser();
 */
export async function launchBrowser(): Promise<Browser> {
  const files = await unpackChromium();
  return chromium.launch({
    executablePath: files.binary,
    args: [
      ...['--no-sandbox', '--no-zygote', '--disable-gpu', '--disable-webgl', '--font-render-hinting=none'],
      `--host-resolver-rules=MAP ${plainHosts} 127.0.0.1`,
    ],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: files.fonts,
      TZ: 'UTC',
      LD_LIBRARY_PATH: files.libraries,
      FONTCONFIG_PATH: files.fonts,
    },
  });
}

/**
 * Opens a profile in a browser.
 *
 * @example
 * const ann = await newProfile(await sharedBrowser());
 * const tab = await ann.newPage(service.url);
 */
export async function newProfile(browser: Browser, options: BrowserContextOptions = {}): Promise<Profile> {
  // Without it Chromium takes the language of the process, which may be no language tag.
  const context = await browser.newContext({ locale: 'en-US', ...options });
  const errors: string[] = [];
  const lines: string[] = [];
  context.on('console', (message) => {
    lines.push(message.text());
    if (message.type() === 'error') errors.push(message.text());
  });
  context.on('weberror', (thrown) => errors.push(String(thrown.error())));
  return Object.freeze<Profile>({
    context,
    async newPage(url) {
      const page = await context.newPage();
      if (url !== undefined) await page.goto(url);
      return page;
    },
    errors: () => errors,
    console: () => lines.join('\n'),
    close: () => context.close(),
  });
}
