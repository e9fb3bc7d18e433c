import { fail } from '@latchkey/contract';
import type { JwtHeader } from '@latchkey/core/internal';
import type { Deadline } from '../db/deadline.ts';
import { withTransaction } from '../db/transaction.ts';
import type { CodePayload } from '../domain/code/codes.ts';
import type { LiveSession, NewSession } from '../domain/session/session.ts';
import { rotationKeyHashes } from '../domain/token/rotation-key.ts';
import { isGranted, type RotationResult, type TokenPresentation } from '../domain/token/token.ts';
import type { User } from '../domain/user/user.ts';
import type { ExchangeContext, FlowContext } from './context.ts';
import { issueGrant } from './grant.ts';
import { markFailuresVerified } from './mark-failures-verified.ts';
import { rejectPresentation } from './reject-presentation.ts';
import { sessionClaims } from './session-claims.ts';
import type { CredentialRequest, ExchangeResult } from './types.ts';
import { type ProofRequestTarget, rejectProof, verifyProof } from './verify-proof.ts';

type Outcome = { readonly opened: LiveSession } | { readonly shownAgain: RotationResult };

/**
 * A code for the session it names: redeeming is the guarded insert of that row. Shown again with the same key it is a
 * lost answer and gets the identical token; with any other key, the session that it opened is ended (RFC 6749 §4.1.2).
 */
export async function redeem(
  context: ExchangeContext,
  request: CredentialRequest & { readonly header: JwtHeader },
  requestTarget: ProofRequestTarget,
  deadline: Deadline,
): Promise<ExchangeResult> {
  const { db, codes } = context;
  const payload = await codes.read(db, request.credential, request.header, request.codeVerifier);
  return markFailuresVerified(async () => {
    if (request.expectedSid !== undefined && request.expectedSid !== payload.sid) throw fail('already_authenticated');
    const jkt = await verifyCodeProof(context, payload, request, requestTarget);
    const presented = toPresentation(payload, request, jkt, deadline);
    const user = await findUser(context, payload);
    const session = toNewSession(payload, presented, await sessionClaims(context, user), request);
    if (request.isDisconnected()) throw fail('unavailable', { detail: 'client has disconnected' });
    const outcome = await openOrPresent(context, session, presented);
    if ('opened' in outcome) return completeLogin(context, user, outcome.opened, request);
    if (!isGranted(outcome.shownAgain))
      throw await rejectPresentation(context, presented, outcome.shownAgain, request.peer);
    return issueGrant(context, outcome.shownAgain.session);
  });
}

/** A bound code is refused without a proof by its key, and stays valid. */
async function verifyCodeProof(
  context: Pick<FlowContext, 'audit' | 'causes' | 'db' | 'limits' | 'onError' | 'proofs'>,
  payload: CodePayload,
  request: CredentialRequest,
  requestTarget: ProofRequestTarget,
): Promise<string | null> {
  const owner = { sid: payload.sid, userId: payload.sub, tenantId: payload.tid };
  const jkt = await verifyProof(context, request, requestTarget, owner);
  if (payload.jkt === undefined || payload.jkt === jkt) return jkt;
  throw await rejectProof(context, owner, jkt === null ? 'proof_required' : 'proof_invalid', request.peer);
}

function toPresentation(
  payload: CodePayload,
  request: CredentialRequest,
  jkt: string | null,
  { until, epoch }: Deadline,
): TokenPresentation {
  const keys = rotationKeyHashes(payload.sid, request.rotationKey, request.alsoRotationKeys);
  return { sid: payload.sid, gen: 0, tag: null, keys, jkt, kind: 'code', until, epoch };
}

async function findUser({ users, db }: Pick<FlowContext, 'db' | 'users'>, payload: CodePayload): Promise<User> {
  const user = await users.find(db, payload.sub);
  if (user === undefined) throw fail('code_invalid', { detail: 'no such user' });
  if (user.disabledAt !== null) throw fail('user_disabled');
  return user;
}

function toNewSession(
  payload: CodePayload,
  presented: TokenPresentation,
  claims: Readonly<Record<string, unknown>>,
  { peer }: CredentialRequest,
): NewSession {
  return {
    sid: payload.sid,
    userId: payload.sub,
    credentialVersion: payload.cv,
    codeVersion: payload.tv ?? null,
    tag: presented.keys[0]!,
    // What the login said, and nothing later, binds a session.
    jkt: payload.jkt ?? null,
    authTime: payload.auth_time,
    amr: payload.amr,
    scope: payload.scope ?? null,
    claims,
    userAgent: peer.userAgent,
    addressPrefix: peer.addressPrefix,
    until: presented.until,
    epoch: presented.epoch,
  };
}

/** Two statements in one transaction: the insert, and when it inserted nothing, the verdict of generation 0. */
function openOrPresent(
  context: Pick<FlowContext, 'db' | 'sessions' | 'tokens'>,
  session: NewSession,
  presented: TokenPresentation,
): Promise<Outcome> {
  const { db, sessions, tokens } = context;
  return withTransaction(db, async ({ tx }) => {
    const opened = await sessions.open(tx, session);
    return opened === undefined ? { shownAgain: await tokens.presentInTransaction(tx, presented) } : { opened };
  });
}

async function completeLogin(
  context: ExchangeContext,
  user: User,
  opened: LiveSession,
  { peer }: CredentialRequest,
): Promise<ExchangeResult> {
  // The cap may have ended other sessions of the user.
  void context.feed.catchUp();
  context.traffic.count('logins');
  void context.hooks.onLogin({ user, sessionId: opened.sid, address: peer.address, userAgent: peer.userAgent });
  const audited = { action: 'login' as const, tenantId: user.tenantId, userId: user.id, sid: opened.sid };
  await context.audit.record(context.db, { ...audited, addressPrefix: peer.addressPrefix }).catch(context.onError);
  return issueGrant(context, opened);
}
