import type { Browser } from 'playwright-core';

/**
 * The one browser of a test run, started at the first request. A root hook closes it after the last test:
 * an open browser would keep mocha from ending. Every run loads this file, so the browser's own is loaded on demand.
 */
export const sharedBrowser = lazyBrowser();

export const mochaHooks = {
  async afterAll() {
    await sharedBrowser.close();
  },
};

function lazyBrowser() {
  let started: Promise<Browser> | undefined;
  return Object.freeze({
    get(): Promise<Browser> {
      started ??= import('./chromium.ts').then(({ launchBrowser }) => launchBrowser());
      return started;
    },
    async close(): Promise<void> {
      await (await started)?.close();
      started = undefined;
    },
  });
}
