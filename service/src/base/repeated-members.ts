/** Where a member of a JSON text is: names of objects, and indexes of lists from 0. */
type JsonPath = readonly (string | number)[];

/** What is wrong with a member that {@link findRepeatedMembers} finds. */
export const repeatedMemberRule = 'is there twice';

/** Of a path. What is deeper is refused everywhere. */
const maxPathLength = 10;

/**
 * Strings, and what begins, ends or separates values (RFC 8259 §2). The end of a string is optional: without a way to fail, the
 * search keeps no place to go back to, of which a string of some million escapes has too many.
 */
const tokens = /"(?:[^"\\]|\\.)*"?|[{}[\],:]/g;

/** An object or a list that is open, and the name or the index that it is at. */
interface Level {
  /** `undefined`: it is a list. */
  readonly names: Set<string> | undefined;
  at: string | number;
}

/**
 * Finds the members of a JSON text whose name an object has before already. `JSON.parse` keeps the last of them, other
 * programs the first (RFC 8259 §4). The text is read once. Names are compared without their escapes.
 *
 * @param text JSON that was parsed already
 * @example
 * [...findRepeatedMembers('{"users":[{"email":"a","email":"b"}]}')]; // [['users', 0, 'email']]
 */
export function* findRepeatedMembers(text: string): Generator<JsonPath, void> {
  const levels: Level[] = [];
  let newestString = '';
  for (const [token] of text.matchAll(tokens)) {
    const level = levels.at(-1);
    if (token === '{') levels.push({ names: new Set(), at: '' });
    else if (token === '[') levels.push({ names: undefined, at: 0 });
    else if (token === '}' || token === ']') levels.pop();
    else if (token === ',') next(level!);
    else if (token !== ':') newestString = token;
    else if (isRepeated(level!, JSON.parse(newestString))) yield levels.slice(0, maxPathLength).map(({ at }) => at);
  }
}

function next(level: Level): void {
  if (typeof level.at === 'number') level.at += 1;
}

/** Enters the member of an object. */
function isRepeated(level: Level, name: string): boolean {
  const { names } = level;
  level.at = name;
  const isKnown = names!.has(name);
  names!.add(name);
  return isKnown;
}

/** An object of a JSON text that has a member twice. It takes the place of the object. */
export class RepeatedMember {
  /** Of the member, from the object on. */
  readonly path: JsonPath;
  constructor(path: JsonPath) {
    this.path = path;
  }
}

/** The field of an invalid request for such a member. */
export const toRepeatedField = (path: JsonPath) => ({ path: path.join('.'), message: repeatedMemberRule });
