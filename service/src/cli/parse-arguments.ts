import { parseArgs } from 'node:util';
import { closestMatch, fail } from '@latchkey/contract';

/** The words of a command: those that are no options, and the options by their names. A flag that is there is `true`. */
export interface ParsedArguments {
  readonly positionals: readonly string[];
  readonly options: Readonly<Record<string, string>>;
}

/**
 * Reads the words of a command with options such as `--tenant acme` and `--tenant=acme`, in any order.
 *
 * @param names of the options, without `--`
 * @param flags names of options without a value
 * @throws invalid_request an option is unknown, has no value, or is there twice
 * @example
 * parseArguments(['create', 'Bank', '--tenant', 'acme'], ['tenant']); // { positionals: ['create', 'Bank'], options: { tenant: 'acme' } }
 */
export function parseArguments(
  args: readonly string[],
  names: readonly string[],
  flags: readonly string[] = [],
): ParsedArguments {
  const known = Object.fromEntries([
    ...names.map((name) => [name, { type: 'string' }] as const),
    ...flags.map((name) => [name, { type: 'boolean' }] as const),
  ]);
  const { tokens } = parseArgs({
    args: [...args],
    options: known,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const options: Record<string, string> = {};
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    if (token.name in options) throw refused(`${token.rawName} is there twice.`);
    options[token.name] = flags.includes(token.name) ? toFlag(token) : toValue(token, [...names, ...flags]);
  }
  return { positionals: tokens.flatMap((token) => (token.kind === 'positional' ? token.value : [])), options };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
}

function toFlag({ rawName, value }: OptionToken): string {
  if (value !== undefined) throw refused(`${rawName} takes no value.`);
  return 'true';
}

function toValue({ name, rawName, value }: OptionToken, names: readonly string[]): string {
  if (!names.includes(name)) throw unknown(rawName, names);
  if (value === undefined || value.startsWith('--')) throw refused(`${rawName} needs a value.`);
  return value;
}

/** Texts separated by commas or spaces. */
export function splitList(text: string): string[] {
  return text.split(/[\s,]+/).filter((part) => part !== '');
}

function unknown(rawName: string, names: readonly string[]) {
  const nearest = names.length === 0 ? '' : ` Did you mean --${closestMatch(rawName.replace(/^-+/, ''), names)}?`;
  return refused(`There is no option ${rawName}.${nearest}`);
}

function refused(message: string) {
  return fail('invalid_request', { message });
}
