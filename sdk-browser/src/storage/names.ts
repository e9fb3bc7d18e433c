import type { SessionOptions } from '../session.ts';

/** Names of what the tabs of one session share in a browser. */
export interface SharedNames {
  /** Of the entries in storage, of the channel between tabs, and of their lock. */
  readonly prefix: string;
  /** Of the database that holds the browser's key. */
  readonly database: string;
}

/**
 * Sessions with other names share nothing. `/` cannot be part of a host, so that a prefix is the beginning of another one only if
 * that has a port: `latchkey:host:` and `latchkey:host:8443:`. No entry of a session begins with a digit.
 */
export function sharedNames({ url, tenant = '', storageKey = tenant }: SessionOptions): SharedNames {
  const { host, origin } = new URL(url);
  const own = storageKey === '' ? '' : `/${encodeURIComponent(storageKey)}`;
  return { prefix: `latchkey:${host}${own}:`, database: `latchkey:${origin}${own}` };
}
