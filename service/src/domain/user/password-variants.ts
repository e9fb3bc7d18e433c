/** Letters by the characters that are written in their place; `1`, `!` and `|` may mean either of two. */
const leet = {
  '@': 'a',
  '4': 'a',
  '8': 'b',
  '(': 'c',
  '3': 'e',
  '6': 'g',
  '9': 'g',
  '0': 'o',
  $: 's',
  '5': 's',
  '7': 't',
};
const leetTables: readonly Readonly<Record<string, string>>[] = [
  {},
  { ...leet, '1': 'l', '!': 'l', '|': 'l' },
  { ...leet, '1': 'i', '!': 'i', '|': 'i' },
];

/** Digits and signs around a word that do not make it another one. */
const maxAffixLength = 6;
const minWordLength = 4;

/**
 * Unites case and spelling (NFKC, both ways of case), twice, because some letters fold into others that fold again. Drops
 * what shows nothing, such as a zero-width space, as NFKC_Casefold of the Unicode Standard does.
 */
export function foldText(text: string): string {
  const once = (it: string) =>
    it
      .normalize('NFKC')
      .replace(/\p{DI}/gu, '')
      .toUpperCase()
      .toLowerCase()
      .normalize('NFKC');
  return once(once(text));
}

/**
 * A folded password, and the words that it may be a simple variant of: without digits and signs around it, and with
 * letters for the characters that are often written in their place.
 *
 * @example variantsOf('p4ssw0rd2024!') // among them 'password'
 */
export function variantsOf(folded: string): ReadonlySet<string> {
  const suffixless = folded.replace(/[^\p{L}]+$/u, '');
  const bare = suffixless.replace(/^[^\p{L}]+/u, '');
  const stems = [folded, suffixless, bare].filter(
    (stem) => stem.length >= minWordLength && folded.length - stem.length <= maxAffixLength,
  );
  return new Set(stems.flatMap((stem) => spellingsOf(stem)));
}

/** Texts that an attacker knows about an account, and their name in the refusal. */
export interface ContextWords {
  readonly name: string;
  readonly texts: readonly (string | null | undefined)[];
}

/**
 * The name of the first context that a folded password mainly consists of: without the words of the context it has fewer
 * than `minLength` characters.
 */
export function findContext(folded: string, contexts: readonly ContextWords[], minLength: number): string | undefined {
  const spellings = spellingsOf(folded);
  return contexts.find(({ texts }) => {
    const words = texts.flatMap((text) => wordsOf(text ?? ''));
    return spellings.some((spelling) => consistsOf(spelling, words, minLength));
  })?.name;
}

function consistsOf(spelling: string, words: readonly string[], minLength: number): boolean {
  const left = words.toSorted(byLength).reduce((rest, word) => rest.replaceAll(word, ''), spelling);
  return left !== spelling && [...left].length < minLength;
}

const byLength = (one: string, other: string) => other.length - one.length;

/** The text whole, without signs, and its words. */
function wordsOf(text: string): string[] {
  const folded = foldText(text);
  const parts = folded.split(/[^\p{L}\p{N}]+/u);
  return [...new Set([folded, parts.join(''), ...parts])].filter((word) => [...word].length >= minWordLength);
}

function spellingsOf(text: string): string[] {
  return leetTables.map((table) => Array.from(text, (character) => table[character] ?? character).join(''));
}
