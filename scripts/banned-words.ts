/**
 * Words that are no terms of the field: metaphors, unnamed users, and verbs of speech for events. They are counted in comments,
 * strings, titles of tests and pages.
 */
const bannedWords: Readonly<Record<string, RegExp>> = {
  whoever: /\bwhoever\b/gi,
  nobody: /\b(?:nobody|no one)\b/gi,
  somebody: /\b(?:somebody|someone)\b/gi,
  anybody: /\b(?:anybody|anyone)\b/gi,
  everybody: /\b(?:everybody|everyone)\b/gi,
  stand: /\b(?:stands?|standing|stood)\b/gi,
  tell: /\b(?:tells?|telling|told)\b/gi,
  hear: /\b(?:hears?|hearing|heard)\b/gi,
  'go on': /\b(?:go|goes|going|went|gone) on\b/gi,
  gone: /\bgone\b(?! on)/gi,
  'the line': /\bthe line\b/gi,
  door: /\bdoors?\b/gi,
  room: /(?<!Socket\.IO )\brooms?\b/gi,
  house: /\bhouses?\b/gi,
  drawer: /\bdrawers?\b/gi,
  jar: /\bjars?\b/gi,
  mirror: /\bmirrors?\b/gi,
  person: /\bpersons?\b/gi,
  people: /\bpeople\b/gi,
  stranger: /\bstrangers?\b/gi,
  young: /\byoung(?:er|est)?\b/gi,
  farewell: /\bfarewells?\b/gi,
  knock: /\bknocks?\b/gi,
  'who is where': /\bwho is where\b/gi,
};

/** The banned words of a text, as they are written there. */
export function findBanned(text: string): string[] {
  return Object.values(bannedWords).flatMap((pattern) => text.match(pattern) ?? []);
}

/** How often each banned word occurs in some texts; words that do not occur are left out. */
export function countBanned(texts: readonly string[]): Record<string, number> {
  const counts = Object.entries(bannedWords).map(([word, pattern]) => [word, countMatches(texts, pattern)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function countMatches(texts: readonly string[], pattern: RegExp): number {
  return texts.reduce((sum, text) => sum + (text.match(pattern)?.length ?? 0), 0);
}
