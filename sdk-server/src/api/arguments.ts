import { fail } from '@latchkey/contract';
import { z } from 'zod';
import type { Ack } from '../socket/send.ts';

/** What came with the api's event; any of it may be missing or something else. */
export interface RawCall {
  readonly name: unknown;
  readonly params: unknown;
  readonly options: unknown;
  readonly ack: Ack | undefined;
}

/** Splits `(call, params?, options?, ack?)`. */
export function splitArguments(args: readonly unknown[]): RawCall {
  const last = args.at(-1);
  const ack = typeof last === 'function' ? (last as Ack) : undefined;
  const [name, params, options] = ack ? args.slice(0, -1) : args;
  return { name, params, options, ack };
}

const callOptions = z.strictObject({ idempotency_key: z.string().min(1).max(128).optional() });

/** The call's idempotency key, if it has one; throws `invalid_request`. */
export function idempotencyKeyOf(options: unknown): string | undefined {
  if (options === undefined || options === null) return undefined;
  const parsed = callOptions.safeParse(options);
  if (!parsed.success) throw fail('invalid_request', { message: 'The options of a call are { idempotency_key? }.' });
  return parsed.data.idempotency_key;
}
