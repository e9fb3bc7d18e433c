import { readdir } from 'node:fs/promises';
import type { MailTemplate } from '../domain/mail/mail.ts';

/** The words of one mail. `{tenant}`, `{name}`, `{email}` and `{validity}` are replaced. */
interface MailWords {
  readonly subject: string;
  /** Paragraphs before link and code. */
  readonly intro: readonly string[];
  /** Label of the link. */
  readonly action?: string;
  /** Paragraphs at the end. */
  readonly outro: readonly string[];
}

/** All words of a language. */
export interface Catalogue {
  readonly greeting: string;
  readonly greetingByName: string;
  /** Before the code. */
  readonly code: string;
  /** Of link and code. */
  readonly validity: string;
  readonly time: string;
  readonly browser: string;
  readonly newAddress: string;
  readonly mails: Readonly<Record<MailTemplate, MailWords>>;
}

/** Catalogues by language (BCP 47). */
export type Catalogues = ReadonlyMap<string, Catalogue>;

const defaultLanguage = 'en';

/** Of the source and of the build, not of its declarations. */
const catalogueFile = /^([a-z]{2,3}(?:-[a-z\d]{2,8})*)\.[jt]s$/i;

/** Loads a catalogue from each file of the folder, whose name is the language: another language needs only a file. */
export async function loadCatalogues(folder = new URL('./catalogues/', import.meta.url)): Promise<Catalogues> {
  const found = (await readdir(folder)).flatMap((file) => {
    const language = catalogueFile.exec(file)?.[1];
    return language === undefined ? [] : [{ language, file }];
  });
  const entries = found.map(async ({ language, file }) => {
    const module: { default: Catalogue } = await import(new URL(file, folder).href);
    return [language, module.default] as const;
  });
  return new Map(await Promise.all(entries));
}

/** The catalogue of a language, else of its base language (`de` for `de-AT`), else English. */
export function findCatalogue(
  catalogues: Catalogues,
  locale: string | null,
): { readonly language: string; readonly catalogue: Catalogue } {
  const wanted = (locale ?? '').toLowerCase();
  const candidates = [wanted, wanted.split('-')[0], defaultLanguage];
  const languages = [...catalogues.keys()];
  for (const candidate of candidates) {
    const language = languages.find((one) => one.toLowerCase() === candidate);
    const catalogue = language === undefined ? undefined : catalogues.get(language);
    if (language !== undefined && catalogue !== undefined) return { language, catalogue };
  }
  throw new TypeError(`There is no catalogue of mails for ${defaultLanguage}.`);
}
