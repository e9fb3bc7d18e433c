import { z } from 'zod';
import { closestMatch } from '../closest-match.ts';
import { fail } from '../failure.ts';

/** A field of an input, and what is wrong with it. */
export interface InvalidField {
  /** Names and indexes, parted by dots. Empty for the whole input. */
  readonly path: string;
  readonly message: string;
}

type RawIssue = z.core.$ZodRawIssue;
type Issue = z.core.$ZodIssue;

const maxDetails = 10;
const maxKeyLength = 64;

/**
 * Validates what a client sent. `details` of the failure has the paths of at most ten invalid fields with what each has to
 * be, and never their values. An unknown key is refused with the name of the nearest known one.
 *
 * @throws invalid_request
 * @example
 * parseInput(z.strictObject({ limit: z.int().min(1) }), { limit: 0 });
 * // Failure invalid_request, details [{ path: 'limit', message: 'has to be at least 1' }]
 */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input, { error: describeIssue });
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.flatMap((issue) => toInvalidFields(issue, schema)).slice(0, maxDetails);
  throw fail('invalid_request', { details });
}

function toInvalidFields(issue: Issue, schema: z.core.$ZodType): InvalidField[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = path.length === 0 ? knownKeys(schema) : [];
    return issue.keys.map((key) => ({
      path: [...path, key.slice(0, maxKeyLength)].join('.'),
      ...unknownKey(key, known),
    }));
  }
  const branch = issue.code === 'invalid_union' ? closestBranch(issue) : undefined;
  if (branch === undefined) return [{ path: path.join('.'), message: issue.message }];
  return branch.flatMap((inner) => toInvalidFields({ ...inner, path: [...issue.path, ...inner.path] }, schema));
}

function unknownKey(key: string, known: readonly string[]): { message: string } {
  const match = closestMatch(key.slice(0, maxKeyLength), known);
  return { message: match === undefined ? 'unknown key' : `unknown key, did you mean ${match}?` };
}

/** The branch of a union that fits best, unless the union has a message of its own. */
function closestBranch({ errors, message }: z.core.$ZodIssueInvalidUnion): Issue[] | undefined {
  if (message !== invalid) return undefined;
  return errors.toSorted((left, right) => left.length - right.length)[0];
}

/** The keys of an object schema, also behind `preprocess`, `transform` and in the branches of a union. */
function knownKeys(schema: z.core.$ZodType): string[] {
  if (schema instanceof z.core.$ZodObject) return Object.keys(schema._zod.def.shape);
  if (schema instanceof z.core.$ZodPipe) return [schema._zod.def.in, schema._zod.def.out].flatMap(knownKeys);
  if (schema instanceof z.core.$ZodUnion) return schema._zod.def.options.flatMap(knownKeys);
  return [];
}

const invalid = 'has a wrong shape';

/** The message of an issue whose schema has none of its own. */
function describeIssue(issue: RawIssue): string {
  if (issue.code === 'invalid_type') return issue.input === undefined ? 'is missing' : `has to be ${nameType(issue)}`;
  if (issue.code === 'invalid_value') return `has to be ${issue.values.map(String).join(' or ')}`;
  if (issue.code === 'too_small') return `has to ${describeBound(issue.origin, 'at least', issue.minimum)}`;
  if (issue.code === 'too_big') return `has to ${describeBound(issue.origin, 'at most', issue.maximum)}`;
  if (issue.code === 'invalid_format' && issue.format === 'uuid') return 'has to be a UUID';
  return invalid;
}

const typeNames: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
  tuple: 'a list',
};

const nameType = ({ expected }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidType>) => typeNames[expected] ?? expected;

const units: Readonly<Record<string, string>> = { string: 'characters', array: 'entries' };

function describeBound(origin: string, side: string, bound: number | bigint): string {
  const unit = units[origin];
  return unit === undefined ? `be ${side} ${bound}` : `have ${side} ${bound} ${unit}`;
}
