import { assertOptions, type CodeResponse, Failure, type OptionNames } from '@latchkey/contract';
import { fail } from '../fail.ts';
import { servicePaths } from '../fetch/paths.ts';
import type { RegisterInput } from '../session.ts';
import type { SessionCore } from '../session-core.ts';
import type { SessionUser } from '../session-state.ts';
import { describeConnectionProblem } from '../socket/describe-connection-problem.ts';
import { checkReachability } from '../socket/reachability.ts';
import { createRotationKey } from '../storage/rotation-keys.ts';
import { exchangeCode } from './exchange-code.ts';
import { createPkce } from './pkce.ts';

/** How long after its expiry a code may be presented again, because an answer was lost. */
const codeGraceMs = 30_000;

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
async function explainFailure(core: SessionCore, cause: unknown): Promise<unknown> {
  if (!(cause instanceof Failure && cause.cause instanceof TypeError)) return cause;
  const { url, fetch } = core.http;
  const reason = await checkReachability(url, fetch);
  return reason === 'origin_refused'
    ? fail('forbidden', { message: describeConnectionProblem(url, { reason }), cause })
    : cause;
}

/** Posts the credentials and redeems the code on the socket. Resolves after the token is stored. See `Session.login`. */
export async function signIn(
  core: SessionCore,
  kind: 'login' | 'register',
  input: RegisterInput,
): Promise<SessionUser> {
  assertOptions(kind, input, names);
  const { verifier, challenge } = await createPkce();
  const thumbprint = await core.prover?.ensureKey();
  const body = bodyOf(input, challenge, thumbprint);
  const answer = await core.http.postJson<CodeResponse>(servicePaths[kind], body).catch(async (cause: unknown) => {
    throw await explainFailure(core, cause);
  });
  if (!('code' in answer) || typeof answer.code !== 'string')
    throw fail('internal_error', { detail: 'The response has no code.' });
  return exchangeCode(
    core,
    { code: answer.code, verifier, rotationKey: createRotationKey() },
    answer.expires_in * 1000 + codeGraceMs,
  );
}
