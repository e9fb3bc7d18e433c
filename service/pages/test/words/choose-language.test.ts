import { expect } from 'chai';
import { chooseLanguage, wantedLanguages } from '../../src/words/choose-language.ts';

describe('chooseLanguage', () => {
  const available = ['de', 'en', 'pt-BR'];
  const cases: [wanted: string[], language: string, locale: string][] = [
    [['de'], 'de', 'de'],
    [['de-AT', 'en'], 'de', 'de-AT'],
    [['fr', 'de-CH'], 'de', 'de-CH'],
    [['EN-gb'], 'en', 'EN-gb'],
    [['pt-br'], 'pt-BR', 'pt-br'],
    [['pt'], 'en', 'en'],
    [['fr', 'nl'], 'en', 'en'],
    [[], 'en', 'en'],
    [['de-*', '../en', 'de_DE'], 'en', 'en'],
  ];
  for (const [wanted, language, locale] of cases)
    it(`returns ${language} for ${wanted.join(', ') || 'nothing'}`, () => {
      expect(chooseLanguage(available, wanted)).to.deep.equal({ language, locale });
    });
});

describe('wantedLanguages', () => {
  const navigator = { languages: ['en-US', 'en'] };

  it('returns the languages of the browser', () => {
    expect(wantedLanguages({ search: '?tenant=a' }, navigator)).to.deep.equal(['en-US', 'en']);
  });

  it('returns ui_locales of a request first', () => {
    expect(wantedLanguages({ search: '?ui_locales=de-AT%20fr' }, navigator)).to.deep.equal([
      'de-AT',
      'fr',
      'en-US',
      'en',
    ]);
  });
});
