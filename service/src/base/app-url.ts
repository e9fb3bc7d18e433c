/** A redirect URL in its canonical spelling, or the end of a sentence that says what is wrong with a text. */
type AppUrlVerdict =
  | { readonly url: string; readonly mistake?: undefined }
  | { readonly url?: undefined; readonly mistake: string };

/** Schemes that run code, hold their own content, or load no page. */
const forbidden = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'ws:', 'wss:', 'ftp:']);
const mistake = (text: string): AppUrlVerdict => ({ mistake: text });

/**
 * Judges a URL that a redirect sign-in may return to: http, https, or a scheme of the app (RFC 8252 §7.1). Both spellings
 * of one URL, such as `https://app.example` and `https://app.example/`, give the same.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9700 §2.1: redirect URLs are compared exactly
 * @example
 * readAppUrl('https://App.Example:443'); // { url: 'https://app.example/' }
 * readAppUrl('myapp://callback'); // { url: 'myapp://callback' }
 */
export function readAppUrl(text: string): AppUrlVerdict {
  if (!URL.canParse(text)) return mistake('has to be a whole URL, such as https://app.example/signed-in');
  const { protocol, href, host, username, password } = new URL(text);
  if (forbidden.has(protocol)) return mistake(`must not be a ${protocol} URL`);
  if (username !== '' || password !== '') return mistake('must not hold a user or password');
  if (text.includes('#')) return mistake('must not hold a #: code and state are put there');
  if (host.includes('*')) return mistake('must not hold a *: redirect URLs are compared exactly');
  if (/^[\w.-]+:\d/.test(text)) return mistake(`has no scheme: write https://${text}`);
  return { url: href };
}
