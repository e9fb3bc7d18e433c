const unreserved = /^[A-Za-z0-9._~-]$/;

/**
 * The URL as `htu` is compared (RFC 9449 §4.3): without query and fragment, normalised by RFC 3986 §6.2.2 and §6.2.3.
 * `undefined` for what is no plain http or https URL.
 *
 * @example
 * normalizeHtu('HTTPS://Api.Example:443/a/../%7eb?x#y'); // 'https://api.example/~b'
 */
export function normalizeHtu(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, pathname, username, password } = new URL(text);
  if ((protocol !== 'https:' && protocol !== 'http:') || username !== '' || password !== '') return undefined;
  return origin + pathname.replace(/%[0-9a-f]{2}/gi, normalizeEncoded);
}

function normalizeEncoded(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return unreserved.test(character) ? character : encoded.toUpperCase();
}
