import type { Locator } from 'playwright-core';
import type { Tab } from '../pages/visitor.ts';

/** Every part of the console, by the words of its link. */
export const parts = ['Overview', 'Sessions', 'Users', 'Invitations', 'Tenants', 'Backends', 'Keys', 'Audit'];

/** The row of the list that speaks of `text`. */
export const rowOf = ({ page }: Tab, text: string): Locator => page.getByTestId('row').filter({ hasText: text });

export async function goTo({ page }: Tab, part: string): Promise<void> {
  await page.getByRole('link', { name: part, exact: true }).click();
  await page.getByRole('heading', { name: part, exact: true, level: 2 }).waitFor();
}

/** Presses a button of the row, and says yes. */
export async function press(tab: Tab, row: string, name: RegExp): Promise<void> {
  await rowOf(tab, row).getByRole('button', { name }).click();
  await tab.at('confirm').click();
}

/** How long it took until the tab was at the sign-in page, and why it says it is. */
export async function emptied(tab: Tab, act: () => Promise<void>): Promise<{ ms: number; notice: string }> {
  await act();
  const began = performance.now();
  const notice = await tab.notice();
  return { ms: performance.now() - began, notice };
}
