import english, { signedIn } from '../src/words/languages/en.ts';
import { setLanguage } from '../src/words/words.ts';

/** What a page has loaded before it is shown. */
export function useEnglish(): void {
  before(() => setLanguage({ language: 'en', locale: 'en', words: { ...english, ...signedIn } }));
}
