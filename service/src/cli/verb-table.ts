import { fail } from '@latchkey/contract';
import { type ParsedArguments, parseArguments } from './parse-arguments.ts';

/** A verb of a command, such as `disable` of `user`. */
export interface Verb<Deps> {
  /** Names of options with a value. */
  readonly options?: readonly string[];
  readonly flags?: readonly string[];
  /** How many words follow the verb. */
  readonly words: number;
  readonly run: (deps: Deps, words: ParsedArguments) => Promise<unknown>;
}

export type VerbTable<Deps> = Readonly<Record<string, Verb<Deps>>>;

/**
 * Runs the verb that the words begin with.
 *
 * @param noun names the command in the error
 * @throws invalid_request the verb is unknown, or other words do not fit · what the verb throws
 * @example
 * await runVerb('user', { show: { words: 1, run } }, ['show', 'ann@example.org'], deps);
 */
export async function runVerb<Deps>(
  noun: string,
  verbs: VerbTable<Deps>,
  [name = '', ...given]: readonly string[],
  deps: Deps,
): Promise<unknown> {
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  if (verb === undefined) throw usageError(noun, verbs);
  const parsed = parseArguments(given, verb.options ?? [], verb.flags);
  if (parsed.positionals.length !== verb.words) throw usageError(noun, verbs);
  return verb.run(deps, parsed);
}

function usageError(noun: string, verbs: VerbTable<never>) {
  return fail('invalid_request', { message: `Say ${noun} ${Object.keys(verbs).join(', ')}.` });
}

interface PageOf<Row> {
  readonly rows: readonly Row[];
  readonly next: string | null;
}

/** Every row of a list that is read page by page. */
export async function readAllPages<Row>(
  readPage: (cursor: string | undefined) => Promise<PageOf<Row>>,
): Promise<Row[]> {
  const found: Row[] = [];
  let cursor: string | undefined;
  do {
    const { rows, next } = await readPage(cursor);
    found.push(...rows);
    cursor = next ?? undefined;
  } while (cursor !== undefined);
  return found;
}
