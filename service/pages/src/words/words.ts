import type english from './languages/en.ts';
import type { mailbox as mailboxEnglish, signedIn as signedInEnglish } from './languages/en.ts';

/** Forms of a sentence for a count, by the plural rules of its language (CLDR). `none` is said of 0. */
type PluralForms = Readonly<Partial<Record<'none' | Exclude<Intl.LDMLPluralRule, 'other'>, string>>> & {
  readonly other: string;
};

type Widened<Value> = Value extends string
  ? string
  : Value extends { readonly other: string }
    ? PluralForms
    : { readonly [Key in keyof Value]: Widened<Value[Key]> };

/** The words of one language. English has the list of them. */
export type EntryWords = Widened<typeof english>;
export type SignedInWords = Widened<typeof signedInEnglish>;
export type MailboxWords = Widened<typeof mailboxEnglish>;
type EnglishWords = typeof english & typeof signedInEnglish & typeof mailboxEnglish;

/** The language of the page. */
interface Language {
  /** Of the words, and of the document (BCP 47). */
  readonly language: string;
  /** The requested one, with its region: for dates and numbers. */
  readonly locale: string;
  /** A page with further words adds them before it is shown. */
  readonly words: EntryWords & Partial<SignedInWords & MailboxWords>;
}

let current: Language | undefined;

/** Sets the language. It does not change while a page is shown. */
export function setLanguage(language: Language): void {
  current = language;
}

export function hasLanguage(): boolean {
  return current !== undefined;
}

/** Adds the words of further pages. */
export function addWords(more: SignedInWords | MailboxWords): void {
  const { words, ...language } = getLanguage();
  current = { ...language, words: { ...words, ...more } };
}

export function currentLanguage(): string {
  return getLanguage().language;
}

function getLanguage(): Language {
  if (current === undefined) throw new TypeError('No language is loaded.');
  return current;
}

/** For dates and numbers. */
export function locale(): string {
  return getLanguage().locale;
}

export function isEnglish(): boolean {
  return currentLanguage() === 'en';
}

/** The words of the page. They have the type of the English ones, so that the compiler knows their placeholders. */
export function words(): EnglishWords {
  return getLanguage().words as EnglishWords;
}

/** Names of the placeholders of a text. */
export type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

/** Replaces each `{name}` in one pass, so that placeholders in the values are not replaced. */
export function fill<Text extends string>(text: Text, values: Readonly<Record<Placeholders<Text>, string>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (_, name: Placeholders<Text>) => values[name] ?? '');
}

/** The form of a sentence for a count, with the count in it. */
export function plural(forms: PluralForms, count: number): string {
  const form =
    count === 0 && forms.none !== undefined ? forms.none : forms[new Intl.PluralRules(locale()).select(count)];
  return fill<'{count}'>((form ?? forms.other) as '{count}', { count: count.toLocaleString(locale()) });
}
