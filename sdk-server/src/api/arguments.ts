import { fail } from '@latchkey/contract';
import type { AckCallback } from '@latchkey/core';
import { z } from 'zod';

/** What came with the api's event; any of it may be missing or something else. */
export interface RawCall {
  readonly name: unknown;
  readonly params: unknown;
  readonly options: unknown;
  readonly ack: AckCallback | undefined;
}

/** Splits `(call, params?, options?, ack?)`. JSON has no `undefined`, so params that were left out may arrive as `null`. */
export function splitArguments(args: readonly unknown[]): RawCall {
  const last = args.at(-1);
  const ack = typeof last === 'function' ? (last as AckCallback) : undefined;
  const [name, params, options] = ack ? args.slice(0, -1) : args;
  return { name, params: params ?? undefined, options, ack };
}

/** Printable ASCII, as in a structured field's string (draft-ietf-httpapi-idempotency-key-header). */
const idempotencyKey = z.string().regex(/^[\x20-\x7e]{1,128}$/);
const callOptions = z.strictObject({ idempotency_key: idempotencyKey.optional() });

const optionsHint = 'The options of a call are { idempotency_key? }, of 1 to 128 printable ASCII characters.';

/** The call's idempotency key, if it has one; throws `invalid_request`. */
export function idempotencyKeyOf(options: unknown): string | undefined {
  if (options === undefined || options === null) return undefined;
  const parsed = callOptions.safeParse(options);
  if (!parsed.success) throw fail('invalid_request', { message: optionsHint });
  return parsed.data.idempotency_key;
}
