import type { Locator } from 'playwright-core';
import type { Tab } from '../pages/visitor.ts';

/** The sections of the console, by the text of their links. */
export const sectionTitles = ['Overview', 'Sessions', 'Users', 'Invitations', 'Tenants', 'Backends', 'Keys', 'Audit'];

/** The row of the list that contains `text`. */
export const rowOf = ({ page }: Tab, text: string): Locator => page.getByTestId('row').filter({ hasText: text });

export async function goTo({ page }: Tab, section: string): Promise<void> {
  await page.getByRole('link', { name: section, exact: true }).click();
  await page.getByRole('heading', { name: section, exact: true, level: 2 }).waitFor();
}

/** Presses a button of the row, and confirms. */
export async function press(tab: Tab, row: string, name: RegExp): Promise<void> {
  await rowOf(tab, row).getByRole('button', { name }).click();
  await tab.at('confirm').click();
}

/** The time until the tab shows the sign-in page, and the reason that the page shows. */
export async function measureSignOut(tab: Tab, act: () => Promise<void>): Promise<{ ms: number; notice: string }> {
  await act();
  const began = performance.now();
  const notice = await tab.notice();
  return { ms: performance.now() - began, notice };
}
