import { randomUUID } from 'node:crypto';
import { type Failure, toFailure, toWireError, type WireError } from '@latchkey/contract';
import type { Logger } from '../base/logger.ts';
import { maskSecrets } from '../base/mask-secrets.ts';
import { createRefusals, type RefusalsDeps } from '../cause/refusals.ts';
import type { RefusalObserver } from './options.ts';

/** A failure, and what of it may cross the wire. */
export interface SocketRefusal {
  readonly failure: Failure;
  readonly wire: WireError;
}

/**
 * Turns what an event of a socket has thrown into its refusal. A refusal with a cause, and every `internal_error`, is
 * logged under the request id that the client gets.
 */
export type ErrorReporter = ReturnType<typeof createErrorReporter>;

/** Returns name, message and stack of an error, without the given secrets and anything that looks like a credential. */
export function maskError(error: unknown, secrets: readonly unknown[]): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: `thrown: ${typeof error}` };
  // A class of the app may declare a `message` and never set one.
  const mask = (text: unknown) => maskSecrets(typeof text === 'string' ? text : '', secrets);
  return { name: error.name, message: mask(error.message), stack: mask(error.stack) };
}

interface ErrorReporterDeps extends RefusalsDeps {
  readonly log: Logger;
  /** Called for each refusal. Default: nothing. */
  readonly onRefused?: RefusalObserver;
}

/** Creates the reporter that turns errors of socket events into refusals. */
export function createErrorReporter({ log, onRefused = () => {}, ...deps }: ErrorReporterDeps) {
  const refusals = createRefusals(deps);

  function wireOf(failure: Failure, requestId?: string): WireError {
    const detail = refusals.explain(failure);
    return { ...toWireError(failure, requestId), ...(detail === undefined ? {} : { detail }) };
  }

  return Object.freeze({
    toRefusal(error: unknown, event: string, secrets: readonly unknown[]) {
      const failure = toFailure(error);
      const { code, cause, detail } = failure;
      const isOurs = code === 'internal_error';
      refusals.report(failure, { event });
      onRefused(event, code);
      if (cause === undefined && !isOurs) return { failure, wire: wireOf(failure) };
      const request_id = randomUUID();
      const fields = { event, code, request_id, detail, error: maskError(cause ?? failure, secrets) };
      if (isOurs) log.error(fields, 'a socket call failed');
      else log.warn(fields, 'a socket call was refused');
      return { failure, wire: wireOf(failure, request_id) };
    },
  });
}
