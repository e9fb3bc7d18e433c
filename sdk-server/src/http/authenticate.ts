import {
  type AccessClaims,
  type AccessScheme,
  assertOptions,
  type ErrorCode,
  type Failure,
  fail,
  type OptionNames,
  type PresentedCredential,
  parseAuthorization,
  proofConstants,
  toFailure,
} from '@latchkey/contract';
import { type CauseCode, maskError, type Proofs, type Refusals } from '@latchkey/core';
import type { Clock, Logger } from '@latchkey/core/internal';
import { assertStalenessPolicy, type StalenessPolicy, type Verifier } from '../verify/verify.ts';
import { type GuardedRequest, requestUrls } from './guarded-request.ts';
import type { Guard } from './guards.ts';
import { type HttpRefusal, toHttpRefusal } from './refusal.ts';

/** What a route asks of its callers. */
export interface RouteOptions {
  /** While the list of ended sessions is out of date. Default: the policy of the whole backend. */
  readonly policy?: StalenessPolicy;
  /** Further conditions, in order: `requireScope`, `maxAuthAge`. */
  readonly require?: readonly Guard[];
}

const routeOptionNames: OptionNames<RouteOptions> = { policy: true, require: true };

/**
 * Checks the options of a guard and returns them.
 *
 * @throws TypeError for an option that does not exist, a wrong policy, and for a request: `app.use(latchkey.express)`
 */
export function assertRouteOptions(options: RouteOptions = {}): RouteOptions {
  if ('headers' in options || 'req' in options || 'raw' in options) {
    throw new TypeError(
      'a guard is made first and used then: write latchkey.express(), latchkey.koa() or latchkey.fastify()',
    );
  }
  assertOptions('a guard', options, routeOptionNames);
  assertStalenessPolicy(options.policy, ' of a route');
  return options;
}

/** The caller, and headers of the answer that tell the client something; or the answer that refuses the request. */
type AuthResult =
  | { readonly auth: AccessClaims; readonly headers: Readonly<Record<string, string>> }
  | { readonly refusal: HttpRefusal };

/** The one check behind every adapter. Never rejects. */
export type RequestAuthenticator = (request: GuardedRequest, options?: RouteOptions) => Promise<AuthResult>;

export interface RequestAuthenticatorDeps {
  readonly verify: Verifier['verify'];
  readonly proofs: Proofs;
  /** Under which clients reach the app. */
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
  readonly refusals: Refusals;
  readonly log: Logger;
}

const invalidToken = { error: 'invalid_token' };

/** RFC 9449 §7.1 and §9. */
const proofErrors: Partial<Record<ErrorCode, Guard['challenge']>> = {
  proof_required: { error: 'invalid_dpop_proof' },
  proof_invalid: { error: 'invalid_dpop_proof' },
  use_dpop_nonce: { error: 'use_dpop_nonce' },
};

function missingTokenCause({ method, headers }: GuardedRequest, { scheme }: PresentedCredential): CauseCode {
  if (scheme !== undefined) return 'token_malformed';
  const isPreflight = method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
  return isPreflight ? 'preflight_refused' : 'token_missing';
}

export function createRequestAuthenticator(deps: RequestAuthenticatorDeps): RequestAuthenticator {
  const { verify, proofs, publicUrl, clock, refusals, log } = deps;

  /** One line for each error of the app's own conditions; what callers did wrong is counted. */
  function report(failure: Failure, error: unknown, shown: { request_id: string; secrets: readonly unknown[] }): void {
    const { request_id, secrets } = shown;
    const { code, detail, reason } = failure;
    log.debug?.({ code, request_id, detail, reason }, 'a request was refused');
    if (failure === error) refusals.report(failure, { request_id });
    else log.error({ code, request_id, error: maskError(error, secrets) }, 'a caller could not be checked');
  }

  const proofOf = ({ headers }: GuardedRequest) => (headers.dpop === undefined ? undefined : String(headers.dpop));

  /** The next proof carries this nonce, so that nobody has to be asked for one. */
  const nonceHeaders = ({ headers }: GuardedRequest): Readonly<Record<string, string>> =>
    headers.dpop === undefined ? {} : { [proofConstants.nonceHeader]: proofs.nonce() };

  /** The token that a request's proof was good for, by its headers, which are the same object for all guards on its way. */
  const provenTokens = new WeakMap<object, string>();

  /** A proof works once, and a request may have to pass several guards. */
  async function checkPossession(
    auth: AccessClaims,
    shown: PresentedCredential,
    request: GuardedRequest,
  ): Promise<void> {
    const { scheme, token = '' } = shown;
    if (provenTokens.get(request.headers) === token) return;
    const place = { htm: request.method ?? '', htu: requestUrls(request, publicUrl) };
    await proofs.checkPossession(auth, { token, scheme, proof: proofOf(request) }, place);
    provenTokens.set(request.headers, token);
  }

  return async (request, options = {}) => {
    const shown = parseAuthorization(request.headers.authorization);
    let scheme: AccessScheme | undefined = shown.scheme;
    let attributes: Guard['challenge'] | undefined = shown.scheme && invalidToken;
    let headers: Readonly<Record<string, string>> = {};
    try {
      headers = nonceHeaders(request);
      if (shown.token === undefined) throw fail('unauthenticated', { reason: missingTokenCause(request, shown) });
      const auth = await verify(shown.token, { policy: options.policy });
      if (auth.cnf !== undefined) scheme = 'DPoP';
      await checkPossession(auth, shown, request);
      for (const guard of options.require ?? []) {
        attributes = guard.challenge;
        if ((await guard(auth, clock.now() / 1_000)) === false) throw fail('forbidden');
      }
      return { auth, headers };
    } catch (error) {
      const failure = toFailure(error);
      if (shown.scheme === 'DPoP') attributes = proofErrors[failure.code] ?? attributes;
      const explanation = refusals.explain(failure);
      const refusal = toHttpRefusal(failure, { scheme, attributes }, { headers, explanation });
      const { request_id } = refusal.body;
      report(failure, error, { request_id, secrets: [shown.token, request.headers.dpop] });
      return { refusal };
    }
  };
}
