/** Replaces a secret in a text. */
export const masked = '[redacted]';

/** Patterns of credentials anywhere in a text: a JWT, an Authorization value, a password in a URL, a code or token in one. */
const patterns: readonly (readonly [RegExp, string])[] = [
  [/\beyJ[\w-]{5,}(?:\.[\w-]*){1,4}/g, masked],
  [/\b(Bearer|DPoP|Basic) +[\w\-.~+/=]{8,}/gi, `$1 ${masked}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s:/@"\\]*):[^\s/"\\]+@/gi, `$1:${masked}@`],
  [/([?#&](?:code|token|access_token|refresh_token|state|operator)=)[^&\s"\\#]+/gi, `$1${masked}`],
];

/** Returns the text without the given secrets, and without anything that looks like a credential. */
export function maskSecrets(text: string, secrets: readonly unknown[] = []): string {
  const known = secrets.filter((secret): secret is string => typeof secret === 'string' && secret.length > 0);
  const clean = known.reduce((rest, secret) => rest.replaceAll(secret, masked), text);
  return patterns.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), clean);
}
