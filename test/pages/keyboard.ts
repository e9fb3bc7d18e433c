import type { Page } from 'playwright-core';

const maxPresses = 60;

/** Presses Tab until the focus is on an element whose id or text matches. Each element on the way shows that it has the focus. */
export async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let press = 0; press < maxPresses; press += 1) {
    await page.keyboard.press('Tab');
    const { text, outline } = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      return { text: element.id || element.textContent || '', outline: getComputedStyle(element).outlineStyle };
    });
    if (outline === 'none') throw new Error(`no visible focus on ${text}`);
    if (name.test(text)) return;
  }
  throw new Error(`the keyboard does not reach ${name}`);
}
