/** Response parameters of a redirect sign-in, from the fragment. A parameter that occurs twice counts as absent. */
export interface RedirectCallback {
  readonly state: string | undefined;
  readonly code: string | undefined;
  readonly error: string | undefined;
  /** Issuer of the response (RFC 9207). */
  readonly iss: string | undefined;
  /** The other parts of the fragment: empty, or starting with `#`. */
  readonly rest: string;
}

/** Parameters of the response. */
const names = new Set(['code', 'state', 'iss', 'error', 'error_description']);

/**
 * Parses a fragment that starts with `#`. Returns `undefined` if it lacks `state`, or both `code` and `error`. Other parts of the
 * fragment are returned unchanged in `rest`.
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
  const [state, code, error, iss] = ['state', 'code', 'error', 'iss'].map(only);
  return { state, code, error, iss, rest: rest === '' ? '' : `#${rest}` };
}
