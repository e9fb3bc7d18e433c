import { fail } from '@latchkey/contract';
import type { OneTimePurpose, OneTimeToken } from '../../domain/one-time-token/one-time-token.ts';
import type { User } from '../../domain/user/user.ts';
import type { FlowContext } from '../context.ts';
import type { Caller, MailProof, SessionMailProof } from '../types.ts';

type TokenContext = Pick<FlowContext, 'db' | 'oneTimeTokens' | 'users'>;

/** The token of a link, or of a code with its ticket. Nothing is used yet. @throws link_invalid · mail_code_wrong */
export function findMailToken(
  { db, oneTimeTokens }: TokenContext,
  purpose: OneTimePurpose,
  proof: MailProof,
): Promise<OneTimeToken> {
  const { ticket } = proof;
  if ('code' in proof) return oneTimeTokens.findByCode(db, purpose, { ticket: proof.ticket }, proof.code);
  return oneTimeTokens.findBySecret(db, proof.secret, [purpose], ticket === undefined ? undefined : { ticket });
}

/**
 * The token of the session's own request, or of a link to the same user. The code that verifies the user's address may also
 * be that of the sign-up, which was requested before there was a session.
 *
 * @throws link_invalid · mail_code_wrong
 */
export async function findMailTokenOfCaller(
  { db, oneTimeTokens }: TokenContext,
  purpose: OneTimePurpose,
  caller: Pick<Caller, 'sid' | 'userId'>,
  proof: SessionMailProof,
): Promise<OneTimeToken> {
  const findByCode = (code: string) =>
    purpose === 'verify_email'
      ? oneTimeTokens.findByCodeOfCaller(db, purpose, caller, code)
      : oneTimeTokens.findByCode(db, purpose, { sid: caller.sid }, code);
  const found = await ('code' in proof
    ? findByCode(proof.code)
    : oneTimeTokens.findBySecret(db, proof.secret, [purpose]));
  if (found.userId !== caller.userId) throw fail('link_invalid');
  return found;
}

/** The user of a token. @throws link_invalid there is none */
export async function findTokenUser({ db, users }: TokenContext, { userId }: OneTimeToken): Promise<User> {
  const user = userId === null ? undefined : await users.find(db, userId);
  if (user === undefined) throw fail('link_invalid');
  return user;
}
