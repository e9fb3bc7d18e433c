import { fail } from '@latchkey/contract';
import type { z } from 'zod';

const maxDetails = 10;

/** Validates a request. Reports the paths of invalid fields, never their values. @throws invalid_request */
export function parseInput<S extends z.ZodType>(schema: S, input: unknown): z.output<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw fail('invalid_request', { details: parsed.error.issues.flatMap(toDetails).slice(0, maxDetails) });
}

interface Detail {
  readonly path: string;
  readonly message: string;
}

function toDetails(issue: z.core.$ZodIssue): Detail[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: toMessage(issue) }];
  return issue.keys.map((key) => ({ path: [...path, key.slice(0, 64)].join('.'), message: 'unknown key' }));
}

function toMessage(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `has to be ${issue.expected}`;
    case 'invalid_value':
      return `has to be ${issue.values.map(String).join(' or ')}`;
    case 'too_small':
      return 'is too short';
    case 'too_big':
      return 'is too long';
    default:
      return issue.message;
  }
}
