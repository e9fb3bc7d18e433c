import type { JarStorage } from '../session.ts';
import { wallTime } from './timers.ts';

/** The page as a redirect sign-in needs it: its address, and what it keeps while the person is away. */
export interface Page {
  /** The whole address, fragment included. */
  readonly address: string;
  /** Lives as long as the tab, across the pages of its origin. */
  readonly storage: JarStorage;
  go(address: string): void;
  /** Puts another address into this entry of the history; the page is not loaded again. */
  replaceAddress(address: string): void;
  now(): number;
}

/** The page of this window; nothing outside a browser, or where `sessionStorage` is forbidden. */
export function findPage(): Page | undefined {
  try {
    const { location, history, sessionStorage: storage } = window;
    return Object.freeze({
      get address() {
        return location.href;
      },
      storage,
      go: (address: string) => location.assign(address),
      replaceAddress: (address: string) => history.replaceState(history.state, '', address),
      now: wallTime,
    });
  } catch {
    return undefined;
  }
}
