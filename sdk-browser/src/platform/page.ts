import type { TokenStorage } from './storage.ts';
import { wallTime } from './timers.ts';

/** The page of a redirect sign-in: its address, and a storage that survives the redirect. */
export interface BrowserPage {
  /** The whole address, fragment included. */
  readonly url: string;
  /** Kept until the tab is closed, for all pages of the origin. */
  readonly storage: TokenStorage;
  /** Loads another page. */
  navigate(address: string): void;
  /** Replaces the address in the current entry of the history, without a reload. */
  replaceUrl(address: string): void;
  /** The local time in epoch milliseconds. */
  now(): number;
}

/** Returns the page of this window, or `undefined` outside a browser and where `sessionStorage` is forbidden. */
export function getBrowserPage(): BrowserPage | undefined {
  try {
    const { location, history, sessionStorage: storage } = window;
    return Object.freeze({
      get url() {
        return location.href;
      },
      storage,
      navigate: (address: string) => location.assign(address),
      replaceUrl: (address: string) => history.replaceState(history.state, '', address),
      now: wallTime,
    });
  } catch {
    return undefined;
  }
}
