/**
 * An origin as browsers write it in their `Origin` header; `undefined` for what is none. Whoever compares origins has to
 * have both in this spelling: lower case, no usual port.
 *
 * @example
 * originOf('https://App.Example:443'); // 'https://app.example'
 */
export function originOf(text: string): string | undefined {
  return /^https?:\/\/[^/?#]+$/.test(text) && URL.canParse(text) ? new URL(text).origin : undefined;
}
