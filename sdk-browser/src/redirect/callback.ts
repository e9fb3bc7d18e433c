/** What a redirect sign-in brought back in the fragment; what stands there twice counts as absent. */
export interface RedirectCallback {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
  /** The fragment without it, to be left in the address: empty, or from `#` on. */
  readonly rest: string;
}

/** `iss` (RFC 9207) tells services apart. A session has one, so it is only removed. */
const names = new Set(['code', 'state', 'iss', 'error', 'error_description']);

/**
 * Reads a fragment (from `#` on); nothing when it holds no `state` with a `code` or an `error`. Parts that are not ours
 * stay as they are.
 */
export function parseCallback(fragment: string): RedirectCallback | undefined {
  const parts = fragment.slice(1).split('&');
  const isOurs = (part: string): boolean => names.has(part.split('=', 1)[0] ?? '');
  const given = new URLSearchParams(parts.filter(isOurs).join('&'));
  if (!given.has('state') || !(given.has('code') || given.has('error'))) return undefined;
  const only = (name: string): string | undefined => {
    const [value, ...more] = given.getAll(name);
    return more.length === 0 ? value : undefined;
  };
  const rest = parts.filter((part) => !isOurs(part)).join('&');
  return { state: only('state'), code: only('code'), error: only('error'), rest: rest === '' ? '' : `#${rest}` };
}
