import { type CodeAnswer, paths } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { RegisterInput } from '../session.ts';
import type { Core } from '../session-core.ts';
import type { SessionUser } from '../session-state.ts';
import { newKey } from '../storage/rotation-keys.ts';
import { createPkce } from './pkce.ts';

/** A code lives for seconds; showing it again after a lost answer may take a little longer. */
const patienceMs = 30_000;

function bodyOf({ email, password, tenant, profile }: RegisterInput, challenge: string, thumbprint?: string) {
  return {
    email,
    password,
    ...(tenant === undefined ? {} : { tenant }),
    ...(profile === undefined ? {} : { profile }),
    code_challenge: challenge,
    code_challenge_method: 'S256',
    ...(thumbprint === undefined ? {} : { dpop_jkt: thumbprint }),
  };
}

/** Ends the session that stood here before (OWASP ASVS 7.2.4); if that fails it dies by its limits. */
function endPrevious({ http }: Core, token: string): void {
  http.postForm(paths.oauthRevoke, { token }).catch(() => {});
}

/** Posts the credentials, redeems the code on the socket, and resolves once the token is stored. */
export async function signIn(core: Core, kind: 'login' | 'register', input: RegisterInput): Promise<SessionUser> {
  const { verifier, challenge } = await createPkce();
  const thumbprint = await core.prover?.enroll();
  const answer = await core.http.postJson<CodeAnswer>(paths[kind], bodyOf(input, challenge, thumbprint));
  if (!('code' in answer)) throw fail('internal_error', { detail: 'The answer holds no code.' });
  const previous = core.jar.read();
  const redeemed = core.redemption.begin(
    { code: answer.code, verifier, key: newKey() },
    answer.expires_in * 1000 + patienceMs,
  );
  core.course.takeUp();
  const user = await redeemed;
  if (previous !== undefined && previous.sid !== core.state.sessionId) endPrevious(core, previous.token);
  return user;
}
