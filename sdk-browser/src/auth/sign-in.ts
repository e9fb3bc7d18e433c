import { assertOptions, type CodeResponse, Failure, type OptionNames, type SessionUser } from '@latchkey/contract';
import { describeConnectionProblem } from '../connection/describe-connection-problem.ts';
import { checkReachability } from '../connection/reachability.ts';
import type { HttpClient } from '../http/http-client.ts';
import { servicePaths } from '../http/paths.ts';
import { fail } from '../platform/fail.ts';
import type { Prover } from '../proof/prover.ts';
import type { PendingCode } from '../tokens/code-exchange.ts';
import { createRotationKey } from '../tokens/rotation-keys.ts';
import { createPkce } from './pkce.ts';

/** Input of {@link Session.login}. */
export interface LoginInput {
  readonly email: string;
  readonly password: string;
  readonly tenant?: string;
  /**
   * Requested scopes, separated by spaces (RFC 6749 §3.3). Default: all scopes of the user. {@link Session.scope} has the
   * granted ones. The sign-in rejects with `invalid_scope` when the user has none of them.
   */
  readonly scope?: string;
  /** Further fields for the hook `findUserByCredentials` of the service, such as a one-time code. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Input of {@link Session.register}. */
export interface RegisterInput extends LoginInput {
  readonly profile?: Readonly<Record<string, unknown>>;
  /** Single-use operator invitation. */
  readonly operatorInvite?: string;
}

interface SignInDeps {
  readonly http: HttpClient;
  readonly prover: Pick<Prover, 'ensureKey'> | undefined;
  /** Redeems a code on the socket. Rejects with `unavailable` after `timeoutMs`. */
  exchangeCode(pending: PendingCode, timeoutMs: number): Promise<SessionUser>;
}

/** How long after its expiry a code may be presented again, because an answer was lost. */
export const codeGraceMs = 30_000;

const names: OptionNames<RegisterInput> = {
  email: true,
  password: true,
  tenant: true,
  scope: true,
  fields: true,
  profile: true,
  operatorInvite: true,
};

/** Returns the body of a sign-in. JSON leaves members out that are undefined. */
function bodyOf(
  { email, password, tenant, scope, fields, profile, operatorInvite }: RegisterInput,
  challenge: string,
  thumbprint?: string,
) {
  return {
    ...fields,
    email,
    password,
    tenant,
    scope,
    profile,
    operator_invite: operatorInvite,
    code_challenge: challenge,
    code_challenge_method: 'S256',
    dpop_jkt: thumbprint,
  };
}

/**
 * Returns `forbidden` in place of a network error if the service refuses the origin of this page. The browser hides such an
 * answer because of CORS, but the socket server of the service returns the cause to any page.
 */
async function explainFailure(deps: Pick<SignInDeps, 'http'>, cause: unknown): Promise<unknown> {
  if (!(cause instanceof Failure && cause.cause instanceof TypeError)) return cause;
  const { url, fetch } = deps.http;
  const reason = await checkReachability(url, fetch);
  return reason === 'origin_refused'
    ? fail('forbidden', { message: describeConnectionProblem(url, { reason }), cause })
    : cause;
}

/** Posts the credentials and redeems the code on the socket. Resolves after the token is stored. See `Session.login`. */
export async function signIn(deps: SignInDeps, kind: 'login' | 'register', input: RegisterInput): Promise<SessionUser> {
  assertOptions(kind, input, names);
  const { verifier, challenge } = await createPkce();
  const thumbprint = await deps.prover?.ensureKey();
  const body = bodyOf(input, challenge, thumbprint);
  const answer = await deps.http.postJson<CodeResponse>(servicePaths[kind], body).catch(async (cause: unknown) => {
    throw await explainFailure(deps, cause);
  });
  if (!('code' in answer) || typeof answer.code !== 'string')
    throw fail('internal_error', { detail: 'The response has no code.' });
  return deps.exchangeCode(
    { code: answer.code, code_verifier: verifier, rotation_key: createRotationKey() },
    answer.expires_in * 1000 + codeGraceMs,
  );
}
