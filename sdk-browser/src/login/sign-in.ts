import { assertOptions, type CodeAnswer, Failure, type OptionNames } from '@latchkey/contract';
import { fail } from '../fail.ts';
import { paths } from '../fetch/paths.ts';
import type { RegisterInput } from '../session.ts';
import type { Core } from '../session-core.ts';
import type { SessionUser } from '../session-state.ts';
import { obstacleAdvice } from '../socket/obstacle-advice.ts';
import { checkReachability } from '../socket/reachability.ts';
import { newKey } from '../storage/rotation-keys.ts';
import { createPkce } from './pkce.ts';
import { redeemCode } from './redeem-code.ts';

/** A code lives for seconds; showing it again after a lost answer may take a little longer. */
const patienceMs = 30_000;

const names: OptionNames<RegisterInput> = {
  email: true,
  password: true,
  tenant: true,
  scope: true,
  fields: true,
  profile: true,
  operatorInvite: true,
};

/** What is undefined stays out of the JSON. */
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
 * The browser reports an answer that CORS hides as a network error. The socket server of the service lets each page read
 * why it is refused.
 */
async function explained(core: Core, cause: unknown): Promise<unknown> {
  if (!(cause instanceof Failure && cause.cause instanceof TypeError)) return cause;
  const { url, fetch } = core.http;
  const reason = await checkReachability(url, fetch);
  return reason === 'origin_refused' ? fail('forbidden', { message: obstacleAdvice(url, { reason }), cause }) : cause;
}

/** Posts the credentials, redeems the code on the socket, and resolves once the token is stored. */
export async function signIn(core: Core, kind: 'login' | 'register', input: RegisterInput): Promise<SessionUser> {
  assertOptions(kind, input, names);
  const { verifier, challenge } = await createPkce();
  const thumbprint = await core.prover?.enroll();
  const body = bodyOf(input, challenge, thumbprint);
  const answer = await core.http.postJson<CodeAnswer>(paths[kind], body).catch(async (cause: unknown) => {
    throw await explained(core, cause);
  });
  if (!('code' in answer) || typeof answer.code !== 'string')
    throw fail('internal_error', { detail: 'The answer holds no code.' });
  return redeemCode(
    core,
    { code: answer.code, verifier, rotationKey: newKey() },
    answer.expires_in * 1000 + patienceMs,
  );
}
