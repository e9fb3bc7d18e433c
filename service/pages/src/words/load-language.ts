/// <reference types="vite/types/importMeta.d.ts" />
import { chooseLanguage, wantedLanguages } from './choose-language.ts';
import {
  addWords,
  currentLanguage,
  type EntryWords,
  type MailboxWords,
  type SignedInWords,
  setLanguage,
} from './words.ts';

// Three scripts for the file of each language. Another language needs only a file.
const entryWords = import.meta.glob<EntryWords>('./languages/*.ts', { import: 'default', query: '?entry' });
const signedInWords = import.meta.glob<SignedInWords>('./languages/*.ts', { import: 'signedIn', query: '?signed-in' });
const mailboxWords = import.meta.glob<MailboxWords>('./languages/*.ts', { import: 'mailbox', query: '?mailbox' });

const languages = Object.keys(entryWords).map((path) => path.replace(/^.*\/(.+)\.ts$/, '$1'));

async function load<Words>(found: Readonly<Record<string, () => Promise<Words>>>, language: string): Promise<Words> {
  const read = found[`./languages/${language}.ts`];
  if (read === undefined) throw new TypeError(`There are no words in ${language}.`);
  return read();
}

/** Loads the words of the pages without a sign-in, in the language of the user. */
export async function loadLanguage({ document, location, navigator }: Window): Promise<void> {
  const { language, locale } = chooseLanguage(languages, wantedLanguages(location, navigator));
  setLanguage({ language, locale, words: await load(entryWords, language) });
  document.documentElement.lang = language;
}

/** Loads the words of the pages of a signed-in user. */
export async function loadSignedInWords(): Promise<void> {
  addWords(await load(signedInWords, currentLanguage()));
}

/** Loads the words of the development mailbox. */
export async function loadMailboxWords(): Promise<void> {
  addWords(await load(mailboxWords, currentLanguage()));
}
