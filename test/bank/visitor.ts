import type { BrowserContextOptions, Locator, Page } from 'playwright-core';
import { newProfile } from '../../test-kit/browser/chromium.ts';
import { sharedBrowser } from '../../test-kit/browser/shared-browser.ts';

/** Somebody at the bank's page, in a browser of their own. */
export interface Visitor {
  readonly page: Page;
  at(id: string): Locator;
  /** Waits until the page shows this text there. */
  sees(id: string, text: string | RegExp): Promise<void>;
  openAccount(name: string, email: string): Promise<void>;
  signIn(email: string): Promise<void>;
  transfer(to: string, amount: string): Promise<void>;
  /** Number of the own account. */
  number(): Promise<string>;
  /** Another tab of the same browser. */
  newTab(): Promise<Page>;
  /** Errors on the console, without the browser's own line about an answer of 4xx. */
  complaints(): readonly string[];
  close(): Promise<void>;
}

const password = 'violet anchor rain';

export async function visit(url: string, options?: BrowserContextOptions): Promise<Visitor> {
  const profile = await newProfile(await sharedBrowser.get(), options);
  const page = await profile.newPage(url);
  const at = (id: string) => page.locator(`#${id}`);
  const signIn = async (email: string): Promise<void> => {
    await at('email').fill(email);
    await at('password').fill(password);
    await at('password').press('Enter');
    await at('bank').waitFor();
  };
  return Object.freeze<Visitor>({
    page,
    at,
    sees: (id, text) => at(id).filter({ hasText: text }).waitFor(),
    async openAccount(name, email) {
      await at('entry-other').click();
      await at('name').fill(name);
      await signIn(email);
      await at('number').filter({ hasText: /^\d+$/ }).waitFor();
    },
    signIn,
    async transfer(to, amount) {
      await at('to').fill(to);
      await at('amount').fill(amount);
      await at('transfer-form').getByRole('button').click();
    },
    number: async () => (await at('number').textContent()) ?? '',
    newTab: () => profile.newPage(url),
    complaints: () => profile.errors().filter((line) => !/the server responded with a status of 4\d\d/.test(line)),
    close: profile.close,
  });
}
