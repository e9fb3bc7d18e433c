/** An origin as browsers write it in the header `Origin`, or the end of a sentence that says what is wrong with a text. */
export type ParsedOrigin =
  | { readonly origin: string; readonly mistake?: undefined }
  | { readonly origin?: undefined; readonly mistake: string };

/**
 * What an origin is for:
 * - `server`   requests go there: http or https, one host
 * - `pages`    it is compared with the header `Origin`: also schemes of app shells and extensions, and wildcards
 */
export type OriginUse = 'server' | 'pages';

const parts = /^([a-z][a-z\d+.-]*):\/\/([^/?#\\]*)(.*)$/is;
/** Schemes whose pages have no origin, or that no page is loaded by. */
const schemesWithoutOrigin = /^(file|data|blob|about|javascript|vbscript|ws|wss|ftp)$/;
const misspelledHttp = /^(h\w*ps*|t+ps*)$/;
const invalid = (text: string): ParsedOrigin => ({ mistake: text });

/**
 * Judges an origin and gives its canonical spelling: lower case, no default port, no slash at the end, the host in ASCII.
 * With the use `pages`, `https://*.preview.example` matches all hosts one label below `preview.example`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6454
 * @example
 * parseOrigin('https://App.Example:443/', 'server'); // { origin: 'https://app.example' }
 * parseOrigin('https://app.example/login', 'server'); // { mistake: 'must not hold a path: write https://app.example' }
 */
export function parseOrigin(text: string, use: OriginUse): ParsedOrigin {
  const given = text.trim();
  if (given === '*') return invalid('must not be *, which would allow every page');
  if (given === 'null') return invalid('must not be null, which is the origin of every sandboxed frame and file');
  const [, typedScheme = '', authority = '', rest = ''] = parts.exec(given) ?? [];
  const scheme = typedScheme.toLowerCase();
  if (authority === '') return invalid('has to be an origin, such as https://app.example');
  if (/\s/.test(given)) return invalid('must not hold spaces');
  if (authority.includes('@')) return invalid('must not hold a user or password');
  if (!/^\/?$/.test(rest)) return invalid(`must not hold a path: write ${scheme}://${authority}`);
  if (scheme === 'http' || scheme === 'https') return parseHttpOrigin(scheme, authority, use);
  if (use === 'server' || schemesWithoutOrigin.test(scheme)) return invalid('has to begin with https:// or http://');
  if (misspelledHttp.test(scheme)) return invalid(`has the unknown scheme ${scheme}: write https`);
  if (/[^\w.:-]/.test(authority)) return invalid(`has no readable host after ${scheme}://`);
  return { origin: `${scheme}://${authority}`.toLowerCase() };
}

function parseHttpOrigin(scheme: string, authority: string, use: OriginUse): ParsedOrigin {
  const isWildcard = authority.startsWith('*.');
  const host = isWildcard ? authority.slice(2) : authority;
  const url = parse(`${scheme}://${host}`);
  if (url === undefined) return invalid('has no readable host and port');
  // Of the parsed host: `%2a` is a * as well.
  if (url.hostname.includes('*') || (isWildcard && use === 'server'))
    return invalid(
      use === 'server'
        ? 'must not hold a *'
        : 'may have a * only as the whole first label, as in https://*.preview.example',
    );
  if (!isWildcard) return { origin: url.origin };
  if (!hasSubdomains(url.hostname))
    return invalid('must have a domain of its own behind the *, as in https://*.preview.example');
  return { origin: `${url.protocol}//*.${url.host}` };
}

/**
 * The origin of the pages at a URL, as {@link parseOrigin} gives it. `undefined` for what is no URL with a host.
 *
 * @example
 * originOfUrl('capacitor://localhost/signed-in'); // 'capacitor://localhost'
 */
export function originOfUrl(text: string): string | undefined {
  const url = parse(text);
  return url && parseOrigin(`${url.protocol}//${url.host}`, 'pages').origin;
}

/** No address, and no single label, which may be a public suffix; every name below `localhost` is this machine. */
function hasSubdomains(host: string): boolean {
  if (/(^|\.)\d+$|^\[/.test(host)) return false;
  return host === 'localhost' || /[^.]\.[^.]/.test(host);
}

function parse(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/**
 * Makes the function that looks an `Origin` header up in a list of origins, each as {@link parseOrigin} gives it. A wildcard
 * matches one label.
 *
 * @example
 * const isAllowed = createOriginMatcher(['https://*.preview.example']);
 * isAllowed('https://a.preview.example'); // true
 * isAllowed('https://a.b.preview.example'); // false
 */
export function createOriginMatcher(origins: readonly string[]): (origin: string) => boolean {
  const allowed = new Set(origins);
  return (origin) => {
    // Browsers write http origins in lower case; of other schemes some keep the case.
    const lowercased = origin.toLowerCase();
    return allowed.has(lowercased) || allowed.has(lowercased.replace(/^(https?:\/\/)[a-z\d_-]+\./, '$1*.'));
  };
}
