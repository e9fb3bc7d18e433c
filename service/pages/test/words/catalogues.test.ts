import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { auditActions } from '../../../src/domain/audit/audit.ts';
import entry, { mailbox, signedIn } from '../../src/words/languages/en.ts';

const english = { entry, mailbox, signedIn };

type Entry = readonly [path: string, text: string];

const folder = new URL('../../src/words/languages/', import.meta.url);
const others = readdirSync(folder)
  .map((file) => file.replace(/\.ts$/, ''))
  .filter((language) => language !== 'en');

/** All texts by their path. Of the forms of a count, which differ between languages, the one that each language has. */
function textsOf(value: unknown, path = ''): Entry[] {
  if (typeof value === 'string') return [[path, value]];
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  if (isPlural(value)) return [[path, (value as { readonly other: string }).other]];
  return entries.flatMap(([key, inner]) => textsOf(inner, `${path}.${key}`));
}

const isPlural = (value: unknown) => typeof value === 'object' && value !== null && 'other' in value;

function pluralsOf(value: unknown): Readonly<Record<string, string>>[] {
  if (typeof value === 'string') return [];
  if (isPlural(value)) return [value as Readonly<Record<string, string>>];
  return Object.values(value as object).flatMap(pluralsOf);
}

const placeholdersOf = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

async function load(language: string): Promise<unknown> {
  const { default: entry, mailbox, signedIn } = await import(new URL(`${language}.ts`, folder).href);
  return { entry, mailbox, signedIn };
}

describe('catalogues of the pages', () => {
  it('include German', () => {
    expect(others).to.include('de');
  });

  it('have a label for every action of the audit', () => {
    expect(Object.keys(signedIn.actions)).to.have.members([...auditActions]);
  });

  for (const language of others) {
    it(`have the same texts with the same placeholders in ${language} as in English`, async () => {
      const shapes = (catalogue: unknown) =>
        Object.fromEntries(textsOf(catalogue).map(([path, text]) => [path, placeholdersOf(text)]));
      expect(shapes(await load(language))).to.deep.equal(shapes(english));
    });

    it(`have no empty text and no English sentence in ${language}`, async () => {
      const texts = new Map(textsOf(await load(language)));
      const sentences = textsOf(english).filter(([, text]) => / .*\.$/.test(text));
      expect([...texts.values()]).to.not.include('');
      expect(sentences.filter(([path, text]) => texts.get(path) === text)).to.deep.equal([]);
    });
  }

  for (const language of ['en', ...others])
    it(`have every form of a count that ${language} has`, async () => {
      const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
      for (const forms of pluralsOf(await load(language))) {
        expect(forms).to.include.keys(pluralCategories);
        for (const [form, text] of Object.entries(forms))
          if (form === 'other') expect(placeholdersOf(text)).to.deep.equal(['{count}']);
      }
    });
});
