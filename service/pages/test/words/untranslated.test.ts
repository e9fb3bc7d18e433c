import { expect } from 'chai';
import { isJsxText, isStringLiteral } from 'typescript/unstable/ast/is';
import { readTree, type Source } from '../../../../scripts/source-tree.ts';
import { mailbox, signedIn } from '../../src/words/languages/en.ts';

/** Names, and what is shown while no words are loaded. */
const allowed = new Set(['Latchkey', 'This page could not be loaded. Are you online? Then load it again.']);

/** Texts of a file that look like words of a page: text between tags, and literals that begin as a sentence does. */
function wordsIn({ name, nodes }: Source): string[] {
  const between = nodes.filter(isJsxText).filter(({ text }) => /\p{L}/u.test(text));
  const sentences = nodes.filter(isStringLiteral).filter(({ text }) => /^\p{Lu}\p{Ll}+(?:[ .…:?]|$)/u.test(text));
  return [...between, ...sentences]
    .map(({ text }) => text.trim())
    .flatMap((text) => (allowed.has(text) ? [] : [`${name}: ${text}`]));
}

/** Errors of programmers, of which a user sees nothing. */
const isThrown = (text: string) =>
  /: (?:index\.html|mailbox\.html|There are no words|No language|The answer holds)/.test(text);

/** Words that are loaded for the pages of a signed-in user, or for the development mailbox, alone. */
const signedInWords = new RegExp(String.raw`[.{,]\s*(?:${Object.keys({ ...mailbox, ...signedIn }).join('|')})\b`);
const usesWords = /words\(\)\.\w+|\{[^{}]*\} = words\(\)/g;

describe('the components of the pages', function () {
  this.timeout(60_000);

  it('use the words of single pages only there', () => {
    const isEntry = ({ name }: Source) => /^service\/pages\/src\/(?!account|console|demo|mailbox|words)/.test(name);
    const uses = readTree()
      .sources.filter(isEntry)
      .flatMap(({ name, text }) => (text.match(usesWords) ?? []).map((use) => `${name}: ${use}`));
    expect(uses).to.have.length.above(20);
    expect(uses.filter((use) => signedInWords.test(use))).to.deep.equal([]);
  });

  it('have no words of their own: all are in the catalogues', () => {
    // The reference is in English, as the documents that it shows.
    const isPage = ({ name }: Source) =>
      /^service\/pages\/src\//.test(name) && !/\/(?:words\/languages|reference)\//.test(name);
    const pages = readTree().sources.filter(isPage);
    expect(pages).to.have.length.above(50);
    expect(pages.flatMap(wordsIn).filter((text) => !isThrown(text))).to.deep.equal([]);
  });
});
