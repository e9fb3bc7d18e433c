import unhomoglyph from 'unhomoglyph';

/** Recommended scripts of UAX 31, table 5: each may be used alone. */
const scripts = (
  'Arabic Armenian Bengali Bopomofo Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Hangul Han Hebrew ' +
  'Hiragana Kannada Katakana Khmer Lao Latin Malayalam Myanmar Oriya Sinhala Tamil Telugu Thaana Thai Tibetan'
).split(' ');

/** Scripts that are written together: restriction level "highly restrictive" of UTS 39, 5.2. */
const combinedScripts = ['Latin Han Hiragana Katakana', 'Latin Han Bopomofo', 'Latin Han Hangul'];

const allowedScripts = [...scripts, ...combinedScripts].map((set) => {
  const classes = `${set} Common Inherited`.split(' ').map((script) => String.raw`\p{scx=${script}}`);
  return new RegExp(`^[${classes.join('')}]*$`, 'u');
});

/** Letters, marks and digits beside ASCII, none of which a font may leave out, and no mark without a letter. */
const allowedCharacters = /^(?!\p{M})(?:[\x21-\x7e]|(?!\p{DI})[\p{L}\p{M}\p{Nd}])*$/u;
const mixedDigits = /^(?=.*[0-9])(?=.*(?![0-9])\p{Nd})/u;

export const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** The dot of an i or a j, which is there without it (soft-dotted letters of the Unicode Standard, 7.1). */
const secondDot = /(?<=\p{Soft_Dotted}\p{M}*)\u0307/gu;
/** Marks of one kind in a row, which fonts may draw over each other (UTS 39, 5.4). */
const repeatedMark = /(\p{M})\1+/gu;

/**
 * The skeleton of a text (UTS 39, 4): two texts that can be mistaken for each other have the same one. Beyond the
 * table of UTS 39, it has no dot above an i or a j, and each mark once.
 *
 * @example skeletonOf('раypаl') === skeletonOf('paypal') // the first with Cyrillic letters
 */
export function skeletonOf(text: string): string {
  const prototypes = unhomoglyph(text.normalize('NFD')).normalize('NFD');
  return prototypes.replace(secondDot, '').replace(repeatedMark, '$1');
}

/**
 * What is wrong with a part of an address that could be mistaken for other text, as a sentence for its owner; `undefined`
 * when nothing is. ASCII is always right.
 */
export function validateConfusables(part: string): string | undefined {
  if (isAscii(part)) return undefined;
  if (part.normalize('NFKC') !== part)
    return 'This address has a variant of a letter, such as a ligature or a full-width form.';
  if (!allowedCharacters.test(part)) return 'This address has a character that is no letter or digit of a script.';
  if (mixedDigits.test(part) || !allowedScripts.some((set) => set.test(part)))
    return 'This address mixes scripts whose letters look alike.';
  if ([part, part.toLowerCase()].some((text) => isAscii(skeletonOf(text))))
    return 'This address looks like one of Latin letters without accents.';
  return undefined;
}
