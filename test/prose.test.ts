import { existsSync, readdirSync } from 'node:fs';
import { expect } from 'chai';
import { findBanned } from '../scripts/banned-words.ts';
import { commentsOf, proseOf, readTree, stringsOf } from '../scripts/source-tree.ts';

/** Uses that are terms of the field, or names of files. */
const allowed = [/\.\/(?:socket\/)?rooms\.ts/g, /\brooms of Socket\.IO/g, /\bthird person\b/g];

/** The list itself, and a text of the Contributor Covenant. */
const excluded = new Set(['scripts/banned-words.ts', 'CODE_OF_CONDUCT.md']);

/** Hover text has no previous member that "the same" could refer to, and states no speaker. */
const badStart = /^\/\*\*?\s*(?:\* )?(?:The same(?! [\w-]+ (?:of|as|in)\b)|Says which|Whoever|Nobody|As `|Likewise)/;

interface Text {
  readonly file: string;
  readonly text: string;
}

/** Tests that use the terms of the field alone. Others are still counted by `npm run measure`. */
const checkedTests = /^(?:test\/(?:admin\/|console|pages)|service\/test\/http\/|service\/pages\/test\/)/;

const isProse = (file: string) =>
  !excluded.has(file) && (checkedTests.test(file) || !/(?:^|\/)test(?:-kit)?\//.test(file));

function withoutAllowed(text: string): string {
  return allowed.reduce((rest, use) => rest.replaceAll(use, ''), text);
}

function bannedIn(texts: readonly Text[]): string[] {
  return texts.flatMap(({ file, text }) => findBanned(withoutAllowed(text)).map((word) => `${file}: ${word}`));
}

/** Citations without a document: sections of no standard, decisions without a page, and rules by a number. */
function unresolved({ file, text }: Text): string[] {
  const sections = /§/.test(text) && !/\b(?:RFC \d{4}|NIST SP [\d-]+)/.test(text) ? ['§'] : [];
  const decisions = [...text.matchAll(/\bdecision (\d+)\b/g)]
    .filter(([, number]) => !decisionPages.some((page) => page.startsWith(number!.padStart(4, '0'))))
    .map(([cited]) => cited);
  const rules = text.match(/\b(?:J\d+|[Rr]ule \d+)\b/g) ?? [];
  const missing = (text.match(/\bdocs\/[\w/-]+\.md\b/g) ?? []).filter((page) => !existsSync(page));
  return [...sections, ...decisions, ...rules, ...missing].map((cited) => `${file}: ${cited}`);
}

/** Warnings and errors of the log. */
const logged = /\blog\??\.(?:warn|error)\(\s*(?:\{(?:[^{}]|\{[^{}]*\})*\}|[\w.]+),\s*(['"`])(.+?)\1/g;
const verb = /\w(?:ed|t)\b|\b(?:is|are|was|were|has|have|does)\b/;

function nounsIn({ file, text }: Text): string[] {
  return [...text.matchAll(logged)].flatMap(([, , line]) => (verb.test(line!) ? [] : [`${file}: ${line}`]));
}

const decisionPages = readdirSync('docs/why/decisions');

describe('prose', () => {
  const { sources, pages } = readTree();
  const code = sources.filter(({ name }) => isProse(name));
  const comments = code.flatMap((source) => commentsOf(source).map((text) => ({ file: source.name, text })));

  it('finds a banned word in a comment, a string and a page', () => {
    expect(bannedIn([{ file: 'a.ts', text: '/** Tells whoever asks. */' }])).to.deep.equal([
      'a.ts: whoever',
      'a.ts: Tells',
    ]);
    expect(findBanned(proseOf('The door of `the door`'))).to.deep.equal(['door']);
  });

  it('uses no banned word in comments', () => {
    expect(bannedIn(comments)).to.deep.equal([]);
  });

  it('uses no banned word in strings', () => {
    const strings = code.flatMap((source) => stringsOf(source).map((text) => ({ file: source.name, text })));
    expect(bannedIn(strings)).to.deep.equal([]);
  });

  it('says in each warning and error of the log what happened', () => {
    expect(nounsIn({ file: 'a.ts', text: "log.warn({ err: error }, 'background work');" })).to.deep.equal([
      'a.ts: background work',
    ]);
    expect(code.flatMap(({ name, text }) => nounsIn({ file: name, text }))).to.deep.equal([]);
  });

  it('uses no banned word in Markdown pages', () => {
    const texts = [...pages].filter(([file]) => isProse(file)).map(([file, page]) => ({ file, text: proseOf(page) }));
    expect(bannedIn(texts)).to.deep.equal([]);
  });

  it('cites rules in comments that a document or an RFC defines', () => {
    expect(unresolved({ file: 'a.ts', text: '// J4, decision 99, docs/none.md' })).to.have.length(3);
    expect(comments.flatMap(unresolved)).to.deep.equal([]);
  });

  it('starts no comment with a reference to another one', () => {
    const found = comments.filter(({ text }) => badStart.test(text)).map(({ file, text }) => `${file}: ${text}`);
    expect(found).to.deep.equal([]);
  });
});
