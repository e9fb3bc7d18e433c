/** A language of the pages, and what was asked for. */
interface ChosenLanguage {
  readonly language: string;
  readonly locale: string;
}

/** The first wanted language that there is, else that of its base language (`de` for `de-AT`), else English. */
export function chooseLanguage(available: readonly string[], wanted: readonly string[]): ChosenLanguage {
  for (const locale of wanted) {
    const [base] = locale.split('-');
    const names = [locale, base].map((name) => name?.toLowerCase());
    const language = available.find((one) => names.includes(one.toLowerCase()));
    if (language !== undefined && isLocale(locale)) return { language, locale };
  }
  return { language: 'en', locale: 'en' };
}

/** The languages that an app asks for (`ui_locales`, OpenID Connect Core), then those of the browser. */
export function wantedLanguages(
  { search }: Pick<Location, 'search'>,
  { languages }: Pick<Navigator, 'languages'>,
): string[] {
  const requested = new URLSearchParams(search).get('ui_locales') ?? '';
  return [...requested.split(/\s+/).filter((tag) => tag !== ''), ...languages];
}

function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}
