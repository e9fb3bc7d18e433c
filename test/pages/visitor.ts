import type { BrowserContext, Locator, Page } from 'playwright-core';
import type { Profile } from '../../test-kit/browser/chromium.ts';

/** One open page of the service, with the words a visitor would use for what is on it. */
export interface Tab {
  readonly page: Page;
  at(testId: string): Locator;
  text(testId: string): Promise<string>;
  signUp(email: string, password: string): Promise<void>;
  signIn(email: string, password: string): Promise<void>;
  /** Waits until the session is live on a socket. `/demo` also shows its `generation`. */
  live(generation?: number): Promise<void>;
  /** The number that `/demo` shows. */
  generation(): Promise<number>;
  /** Waits until so many sessions are listed. */
  sessions(count: number): Promise<void>;
  /** Waits for the sign-in page and returns what it says about the end of the session. */
  notice(): Promise<string>;
  /** Every word that `/demo` has shown of the state of the connection, from now on. */
  watchStatus(): Promise<() => Promise<string[]>>;
}

/** A browser profile: its tabs share storage. */
export interface Visitor {
  readonly context: BrowserContext;
  open(path?: string): Promise<Tab>;
  /** Errors on the console, without the browser's own line about an answer of 4xx. */
  complaints(): readonly string[];
  console(): string;
  close(): Promise<void>;
}

export function createVisitor(profile: Profile, url: string): Visitor {
  return Object.freeze<Visitor>({
    context: profile.context,
    open: async (path = '/') => createTab(await profile.newPage(url + path)),
    complaints: () => profile.errors().filter((line) => !/the server responded with a status of 4\d\d/.test(line)),
    console: profile.console,
    close: profile.close,
  });
}

function createTab(page: Page): Tab {
  const at = (testId: string) => page.getByTestId(testId);
  const openForm = async (path: string): Promise<void> => {
    await page.locator(`form:has([data-testid=email]), [data-testid=other-address]`).first().waitFor();
    if (await at('other-address').isVisible()) await at('other-address').click();
    if (new URL(page.url()).pathname !== path) await page.locator(`a[href="${path}"]`).click();
  };
  return Object.freeze<Tab>({
    page,
    at,
    text: async (testId) => (await at(testId).textContent()) ?? '',
    async signUp(email, password) {
      await openForm('/signup');
      await at('email').fill(email);
      await at('password').fill(password);
      await at('submit').click();
    },
    async signIn(email, password) {
      await openForm('/signin');
      await enterCredentials(page, email, password);
    },
    async live(generation) {
      await page.locator('[data-status="active"]').waitFor();
      if (generation !== undefined)
        await at('generation')
          .filter({ hasText: new RegExp(`^${generation}$`) })
          .waitFor();
    },
    generation: async () => Number(await at('generation').textContent()),
    async sessions(count) {
      await page.waitForFunction(
        (wanted) => document.querySelectorAll('[data-testid=session-row]').length === wanted,
        count,
      );
    },
    async notice() {
      return (await at('notice').textContent()) ?? '';
    },
    watchStatus: () => watchStatus(page),
  });
}

/** Types the address, then the password, into the sign-in page. */
export async function enterCredentials(page: Page, email: string, password: string): Promise<void> {
  await page.getByTestId('email').fill(email);
  await page.getByTestId('submit').click();
  await page.getByTestId('password').fill(password);
  await page.getByTestId('submit').click();
}

async function watchStatus(page: Page): Promise<() => Promise<string[]>> {
  const words = await page.evaluateHandle(() => {
    const seen: string[] = [];
    const word = document.querySelector('[data-testid=status] strong');
    new MutationObserver(() => seen.push(word?.textContent ?? '')).observe(word as Element, {
      childList: true,
      characterData: true,
      subtree: true,
    });
    return seen;
  });
  return () => words.jsonValue();
}
