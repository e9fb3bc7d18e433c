import type { SessionOptions } from '../session.ts';

/** Names of what the tabs of one session share in a browser. */
export interface SharedNames {
  /** Of the entries in storage, of the channel between tabs, and of their lock. */
  readonly prefix: string;
  /** Of the database that holds the browser's key. */
  readonly database: string;
}

/** Sessions with other names share nothing. `/` cannot be part of a host, so that no prefix is the beginning of another. */
export function sharedNames({ url, tenant = '', storageKey = tenant }: SessionOptions): SharedNames {
  const { host, origin } = new URL(url);
  const own = storageKey === '' ? '' : `/${encodeURIComponent(storageKey)}`;
  return { prefix: `latchkey:${host}${own}:`, database: `latchkey:${origin}${own}` };
}
