import { randomUUID } from 'node:crypto';
import { Failure, fail, toWireError, type WireError } from '@latchkey/contract';
import type { Log } from './options.ts';

/** A failure, and what of it may cross the wire. */
export interface Refusal {
  readonly failure: Failure;
  readonly wire: WireError;
}

/** The socket door's catch: a `Failure` passes; anything else is logged under a request id and says nothing. */
export interface Trouble {
  refusalOf(error: unknown, event: string, secrets: readonly unknown[]): Refusal;
}

const jwtLike = /[\w-]{10,}\.[\w-]{10,}\.[\w-]*/g;

/** What an error says, without any of the secrets that were at hand, nor anything that looks like a JWT. */
export function maskError(error: unknown, secrets: readonly unknown[]): Record<string, unknown> {
  // A class of the app's may declare a `message` and never give one.
  const mask = (text: unknown) =>
    secrets
      .filter((secret): secret is string => typeof secret === 'string' && secret.length > 0)
      .reduce((masked, secret) => masked.replaceAll(secret, '[masked]'), typeof text === 'string' ? text : '')
      .replace(jwtLike, '[masked]');
  if (!(error instanceof Error)) return { message: `thrown: ${typeof error}` };
  return { name: error.name, message: mask(error.message), stack: mask(error.stack) };
}

export function createTrouble(log: Log): Trouble {
  return Object.freeze({
    refusalOf(error: unknown, event: string, secrets: readonly unknown[]) {
      if (error instanceof Failure) return { failure: error, wire: toWireError(error) };
      const requestId = randomUUID();
      log.error({ event, request_id: requestId, error: maskError(error, secrets) }, 'a socket call failed');
      const failure = fail('internal_error');
      return { failure, wire: toWireError(failure, requestId) };
    },
  });
}
