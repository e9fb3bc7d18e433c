/// <reference types="vite/types/importMeta.d.ts" />
import { chooseLanguage, wantedLanguages } from './choose-language.ts';
import { type PageWords, setLanguage } from './words.ts';

/** One script for each language: another language needs only a file. */
const catalogues = import.meta.glob<PageWords>('./languages/*.ts', { import: 'default' });
const pathOf = (language: string): string => `./languages/${language}.ts`;
const languages = Object.keys(catalogues).map((path) => path.replace(/^.*\/(.+)\.ts$/, '$1'));

/** Loads the words in the language of the user. */
export async function loadLanguage({ document, location, navigator }: Window): Promise<void> {
  const { language, locale } = chooseLanguage(languages, wantedLanguages(location, navigator));
  const load = catalogues[pathOf(language)];
  if (load === undefined) throw new TypeError(`There are no words in ${language}.`);
  setLanguage({ language, locale, words: await load() });
  document.documentElement.lang = language;
}
