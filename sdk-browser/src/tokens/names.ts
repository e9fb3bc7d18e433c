/** Options of the names, see `SessionOptions`. */
interface NameOptions {
  readonly url: string;
  readonly tenant?: string;
  readonly storageKey?: string;
}

/**
 * Returns the names of the resources that the tabs of a session share: the prefix of the storage entries, of the channel between
 * tabs and of their lock, and the database with the key of the browser. Sessions with different names share nothing. A host cannot
 * contain `/`, so a prefix can start another one only if that has a port: `latchkey:host:` and `latchkey:host:8443:`. No entry of a
 * session begins with a digit.
 */
export function sharedNames({ url, tenant = '', storageKey = tenant }: NameOptions) {
  const { host, origin } = new URL(url);
  const own = storageKey === '' ? '' : `/${encodeURIComponent(storageKey)}`;
  return { prefix: `latchkey:${host}${own}:`, database: `latchkey:${origin}${own}` };
}
