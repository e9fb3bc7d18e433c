import {
  type AccessClaims,
  assertOptions,
  type Failure,
  fail,
  type OptionNames,
  type PresentedCredential,
  parseAuthorization,
  proofConstants,
  toFailure,
} from '@latchkey/contract';
import { accessTokenChallenge, type CauseCode, maskError, type Proofs, type Refusals } from '@latchkey/core';
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

/** The caller and headers to add to the answer, or the answer that refuses the request. */
export type AuthResult =
  | { readonly auth: AccessClaims; readonly headers: Readonly<Record<string, string>> }
  | { readonly refusal: HttpRefusal };

/** The one check behind every adapter. It returns no promise for a token that was verified before. Never throws or rejects. */
export type RequestAuthenticator = (
  request: GuardedRequest,
  options?: RouteOptions,
) => AuthResult | Promise<AuthResult>;

export interface RequestAuthenticatorDeps {
  readonly verify: Verifier['verify'];
  readonly proofs: Proofs;
  /** Under which clients reach the app. */
  readonly publicUrl: string | undefined;
  readonly clock: Clock;
  readonly refusals: Refusals;
  readonly log: Logger;
}

/** Of a request without a proof. */
export const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** One request at a guard. */
interface Attempt {
  readonly request: GuardedRequest;
  readonly options: RouteOptions;
  readonly presented: PresentedCredential;
  /** Headers of the response. */
  headers: Readonly<Record<string, string>>;
  /** Of the condition that is checked now. */
  attributes: Guard['challenge'] | undefined;
}

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
    else log.error({ code, request_id, err: maskError(error, secrets) }, 'a caller could not be checked');
  }

  /** The next proof carries this nonce, so that it does not have to be requested. */
  const nonceHeaders = ({ headers }: GuardedRequest): Attempt['headers'] =>
    headers.dpop === undefined ? noHeaders : { [proofConstants.nonceHeader]: proofs.nonce() };

  /** The token that a request's proof was good for, by its headers, which are the same object for all guards on its way. */
  const provenTokens = new WeakMap<object, string>();

  /** A proof works once, and a request may have to pass several guards. */
  async function checkPossession(auth: AccessClaims, { request, presented }: Attempt): Promise<void> {
    const { scheme, token = '' } = presented;
    const { headers, method = '' } = request;
    if (provenTokens.get(headers) === token) return;
    const proof = headers.dpop === undefined ? undefined : String(headers.dpop);
    const place = { htm: method, htu: requestUrls(request, publicUrl) };
    await proofs.checkPossession(auth, { token, scheme, proof }, place);
    provenTokens.set(headers, token);
  }

  function verifyToken({ request, presented, options }: Attempt): AccessClaims | Promise<AccessClaims> {
    if (presented.token === undefined) throw fail('unauthenticated', { reason: missingTokenCause(request, presented) });
    return verify(presented.token, options);
  }

  async function checkRest(attempt: Attempt, claims: AccessClaims | Promise<AccessClaims>): Promise<AuthResult> {
    try {
      const auth = await claims;
      if (!isBearer(auth, attempt)) await checkPossession(auth, attempt);
      for (const guard of attempt.options.require ?? []) {
        attempt.attributes = guard.challenge;
        if ((await guard(auth, clock.now() / 1_000)) === false) throw fail('forbidden');
      }
      return { auth, headers: attempt.headers };
    } catch (error) {
      return refuse(attempt, error);
    }
  }

  function refuse({ request, presented, headers, attributes }: Attempt, error: unknown): AuthResult {
    const failure = toFailure(error);
    const challenge = accessTokenChallenge(failure.code, { presentedScheme: presented.scheme, attributes });
    const refusal = toHttpRefusal(failure, challenge, { headers, explanation: refusals.explain(failure) });
    const { request_id } = refusal.body;
    report(failure, error, { request_id, secrets: [presented.token, request.headers.dpop] });
    return { refusal };
  }

  return (request, options = {}) => {
    const presented = parseAuthorization(request.headers.authorization);
    const attempt: Attempt = { request, options, presented, headers: noHeaders, attributes: undefined };
    try {
      attempt.headers = nonceHeaders(request);
      const claims = verifyToken(attempt);
      const isDone = !(claims instanceof Promise) && options.require === undefined && isBearer(claims, attempt);
      return isDone ? { auth: claims, headers: attempt.headers } : checkRest(attempt, claims);
    } catch (error) {
      return refuse(attempt, error);
    }
  };
}

/** True if the token needs no proof. */
const isBearer = ({ cnf }: AccessClaims, { presented }: Attempt): boolean =>
  cnf === undefined && presented.scheme === 'Bearer';
