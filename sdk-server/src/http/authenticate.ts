import type { IncomingMessage } from 'node:http';
import { type AccessClaims, Failure, fail } from '@latchkey/contract';
import type { Clock } from '../clock.ts';
import type { Log } from '../socket/options.ts';
import { maskError } from '../socket/trouble.ts';
import type { StalenessPolicy, Verifier } from '../verify/verify.ts';
import type { Guard } from './guards.ts';
import { type Refusal, refusalOf } from './refusal.ts';

/** What a route asks of its callers. */
export interface RouteOptions {
  /** While the list of ended sessions is out of date. Default: the policy of the whole backend. */
  readonly policy?: StalenessPolicy;
  /** Further conditions, in order: `requireScope`, `maxAuthAge`. */
  readonly require?: readonly Guard[];
}

export type Admission = { readonly auth: AccessClaims } | { readonly refusal: Refusal };

/** The one check behind every adapter: the caller of a request, or the answer that refuses it. Never rejects. */
export type Authenticate = (request: Pick<IncomingMessage, 'headers'>, options?: RouteOptions) => Promise<Admission>;

export interface AuthenticateDeps {
  readonly verify: Verifier['verify'];
  readonly clock: Clock;
  readonly log: Log;
}

/** `b64token` of RFC 6750 §2.1; the token stands in this header and nowhere else. */
const credentials = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;
const scheme = /^bearer(?: |$)/i;
const invalidToken = { error: 'invalid_token' };

export function createAuthenticate({ verify, clock, log }: AuthenticateDeps): Authenticate {
  function failureOf(error: unknown, token: string | undefined): Failure {
    if (error instanceof Failure) return error;
    log.error({ error: maskError(error, [token]) }, 'a caller could not be checked');
    return fail('internal_error');
  }

  async function callerOf(token: string | undefined, { policy }: RouteOptions): Promise<AccessClaims> {
    if (token === undefined) throw fail('unauthenticated');
    return verify(token, { policy });
  }

  return async (request, options = {}) => {
    const header = request.headers.authorization ?? '';
    const token = credentials.exec(header)?.[1];
    let attributes: Guard['challenge'] | undefined = scheme.test(header) ? invalidToken : undefined;
    try {
      const auth = await callerOf(token, options);
      for (const guard of options.require ?? []) {
        attributes = guard.challenge;
        guard(auth, clock.now() / 1_000);
      }
      return { auth };
    } catch (error) {
      return { refusal: refusalOf(failureOf(error, token), attributes) };
    }
  };
}
