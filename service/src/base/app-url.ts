/** A redirect URL in its canonical spelling, or the end of a sentence that says what is wrong with a text. */
type AppUrlResult =
  | { readonly url: string; readonly mistake?: undefined }
  | { readonly url?: undefined; readonly mistake: string };

/** Schemes that run code, hold their own content, or load no page. */
const forbidden = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'ws:', 'wss:', 'ftp:']);
const invalid = (text: string): AppUrlResult => ({ mistake: text });

/**
 * Judges a URL that a redirect sign-in may return to: http, https, or a scheme of the app (RFC 8252 §7.1). Both spellings
 * of one URL, such as `https://app.example` and `https://app.example/`, give the same.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700 §2.1: redirect URLs are compared exactly
 * @example
 * parseAppUrl('https://App.Example:443'); // { url: 'https://app.example/' }
 * parseAppUrl('myapp://callback'); // { url: 'myapp://callback' }
 */
export function parseAppUrl(text: string): AppUrlResult {
  if (!URL.canParse(text)) return invalid('has to be a whole URL, such as https://app.example/signed-in');
  const { protocol, href, host, username, password } = new URL(text);
  if (forbidden.has(protocol)) return invalid(`must not be a ${protocol} URL`);
  if (username !== '' || password !== '') return invalid('must not hold a user or password');
  if (text.includes('#')) return invalid('must not hold a #: code and state are put there');
  if (host.includes('*')) return invalid('must not hold a *: redirect URLs are compared exactly');
  if (/^[\w.-]+:\d/.test(text)) return invalid(`has no scheme: write https://${text}`);
  return { url: href };
}
