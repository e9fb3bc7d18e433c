import type { TokenStorage } from '../session.ts';
import { wallTime } from './timers.ts';

/** The page as a redirect sign-in needs it: its address, and what it keeps while the person is away. */
export interface BrowserPage {
  /** The whole address, fragment included. */
  readonly url: string;
  /** Lives as long as the tab, across the pages of its origin. */
  readonly storage: TokenStorage;
  navigate(address: string): void;
  /** Puts another address into this entry of the history; the page is not loaded again. */
  replaceUrl(address: string): void;
  now(): number;
}

/** The page of this window; nothing outside a browser, or where `sessionStorage` is forbidden. */
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
