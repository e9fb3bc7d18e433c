/**
 * The address of an entry of `X-Forwarded-For`, without port, brackets and quotation marks. Other text is returned trimmed.
 *
 * @example
 * parseForwardedAddress('203.0.113.7:52345'); // '203.0.113.7'
 * parseForwardedAddress('[2001:db8::9]:443'); // '2001:db8::9'
 */
export function parseForwardedAddress(entry: string): string {
  const text = entry.trim().replace(/^"(.*)"$/, '$1');
  const found = /^\[([\da-f:.]+)\](?::\d+)?$/i.exec(text) ?? /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text);
  return found?.[1] ?? text;
}
