import { randomUUID } from 'node:crypto';
import { type Failure, toFailure, toWireError, type WireError } from '@latchkey/contract';
import { isUnavailable } from '../base/is-unavailable.ts';
import type { Logger } from '../base/logger.ts';
import { maskSecrets } from '../base/mask-secrets.ts';
import { createRefusals, type RefusalsDeps } from '../cause/refusals.ts';
import type { RefusalObserver, UnavailableObserver } from './options.ts';

/** A failure, and what of it may cross the wire. */
export interface SocketRefusal {
  readonly failure: Failure;
  readonly wire: WireError;
}

/**
 * Turns what an event of a socket has thrown into its refusal, which is logged under the request id that the client gets.
 * Failures of the infrastructure come many at once: they are one cause. Every `internal_error` is one line.
 */
export type ErrorReporter = ReturnType<typeof createErrorReporter>;

/** Returns type, message, stack and code of an error, without the given secrets and anything that looks like a credential. */
export function maskError(error: unknown, secrets: readonly unknown[]): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: `thrown: ${typeof error}` };
  // A class of the app may declare a `message` and never set one.
  const mask = (text: unknown) => maskSecrets(typeof text === 'string' ? text : '', secrets);
  const code = 'code' in error && typeof error.code === 'string' ? { code: mask(error.code) } : {};
  return { type: error.name, message: mask(error.message), stack: mask(error.stack), ...code };
}

interface ErrorReporterDeps extends RefusalsDeps {
  readonly log: Logger;
  /** Called for each refusal. Default: nothing. */
  readonly onRefused?: RefusalObserver;
  /** Reports failures of the infrastructure. Default: by the cause `calls_unavailable`. */
  readonly onUnavailable?: UnavailableObserver | undefined;
}

/** Creates the reporter that turns errors of socket events into refusals. */
export function createErrorReporter({ log, onRefused = () => {}, onUnavailable, ...deps }: ErrorReporterDeps) {
  const refusals = createRefusals(deps);
  const reportUnavailable: UnavailableObserver =
    onUnavailable ?? ((fields) => deps.causes.report('calls_unavailable', fields, deps.names));

  function wireOf(failure: Failure, requestId?: string): WireError {
    const detail = refusals.explain(failure);
    return { ...toWireError(failure, requestId), ...(detail === undefined ? {} : { detail }) };
  }

  function logRefusal(failure: Failure, fields: Readonly<Record<string, unknown>>): void {
    if (isUnavailable(failure)) reportUnavailable(fields);
    else if (failure.code === 'internal_error') log.error(fields, 'a socket call failed');
    else log.warn(fields, 'a socket call was refused');
  }

  return Object.freeze({
    /** Reports a failure of the infrastructure that refuses no event. */
    reportUnavailable,
    toRefusal(error: unknown, event: string, secrets: readonly unknown[]) {
      const failure = toFailure(error);
      const { code, cause, detail } = failure;
      const isExplained = refusals.report(failure, { event });
      onRefused(event, code);
      const isCounted = isUnavailable(failure) && !isExplained;
      if (cause === undefined && code !== 'internal_error' && !isCounted) return { failure, wire: wireOf(failure) };
      const request_id = randomUUID();
      logRefusal(failure, { event, code, request_id, detail, err: maskError(cause ?? failure, secrets) });
      return { failure, wire: wireOf(failure, request_id) };
    },
  });
}
