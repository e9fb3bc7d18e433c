/** A long one with script, region and variants; the registry knows no longer one. */
const maxLength = 35;

/** The canonical spelling of a language tag (BCP 47), such as `de-CH`; `undefined`: it is none. */
export function canonicalLocale(tag: string): string | undefined {
  if (tag.length > maxLength) return undefined;
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
