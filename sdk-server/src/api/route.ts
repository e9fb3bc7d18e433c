import { assertOptions, fail, type OptionNames } from '@latchkey/contract';
import type { StalenessPolicy } from '../verify/verify.ts';
import type { CallContext } from './call-context.ts';
import { type StandardSchema, toDetails } from './standard-schema.ts';

/** What a call may ask for beside its schemas. */
export interface CallRouteOptions<Transaction = unknown> {
  /** Runs the handler in a transaction: commits what it resolves with, rolls back what it throws. */
  readonly transactional?: boolean;
  /** Who may call: `false` is `forbidden`; a `Failure` that is thrown goes out as it is. Runs before the transaction. */
  readonly require?: (call: CallContext<Transaction>) => boolean | Promise<boolean>;
  /** The scope that the caller's session needs, beside that of the router; without it `insufficient_scope`. */
  readonly scope?: string;
  /** The call is no activity of the user: it does not extend the idle limit. */
  readonly passive?: boolean;
  /** While the list of ended sessions is out of date. Default: the policy of the whole backend. */
  readonly policy?: StalenessPolicy;
}

/** One call as the router keeps it. */
export interface CallRoute<Transaction> extends CallRouteOptions<Transaction> {
  readonly input?: StandardSchema | undefined;
  readonly output?: StandardSchema | undefined;
  readonly handler: (this: CallContext<Transaction>, params: unknown, call: CallContext<Transaction>) => unknown;
}

const names: OptionNames<CallRoute<never>> = {
  transactional: 'boolean',
  require: 'function',
  scope: 'string',
  passive: 'boolean',
  policy: true,
  input: true,
  output: true,
  handler: 'function',
};

/**
 * Checks the options of one call.
 *
 * @param where the call, for the sentence of the error
 * @throws TypeError when an option is unknown, the handler is none, or a schema is no Standard Schema
 */
export function assertCallRoute<Transaction>(where: string, route: CallRoute<Transaction>): void {
  if (typeof route.handler !== 'function') throw new TypeError(`${where} needs a handler`);
  assertOptions(where, route, names);
  for (const name of ['input', 'output'] as const) {
    const schema = route[name];
    if (schema !== undefined && !('~standard' in Object(schema)))
      throw new TypeError(`${where}: ${name} has to be a Standard Schema, such as z.object({ … }) of zod.`);
  }
}

/** The params as the handler gets them; throws `invalid_request` with the fields that are wrong. */
export async function parseCallInput(schema: StandardSchema | undefined, params: unknown): Promise<unknown> {
  if (schema === undefined) return params;
  const result = await schema['~standard'].validate(params);
  if (result.issues) throw fail('invalid_request', { details: toDetails(result.issues) });
  return result.value;
}

/** The answer as it goes out, never `undefined`; a wrong one is the handler's mistake. */
export async function parseOutput(schema: StandardSchema | undefined, answer: unknown): Promise<unknown> {
  if (schema === undefined) return answer ?? null;
  const result = await schema['~standard'].validate(answer);
  if (result.issues) {
    const fields = toDetails(result.issues).map(({ path, message }) => `${path}: ${message}`);
    throw new TypeError(`the answer does not fit the output schema: ${fields.join('; ')}`);
  }
  return result.value ?? null;
}
