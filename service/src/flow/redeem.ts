import { fail } from '@latchkey/contract';
import type { ExchangeRequest } from '@latchkey/sdk-server';
import type { Deadline } from '../db/deadline.ts';
import { transact } from '../db/transaction.ts';
import type { CodePayload } from '../domain/code/code.ts';
import type { LiveSession, NewSession } from '../domain/session/session.ts';
import { readJwtHeader } from '../domain/token/jwt-header.ts';
import { tagsOf } from '../domain/token/rotation-key.ts';
import { isGranted, type Presentation, type Rotation } from '../domain/token/token.ts';
import type { User } from '../domain/user/user.ts';
import { grantSession } from './grant.ts';
import type { FlowNeeds } from './needs.ts';
import { addressPrefix } from './peer.ts';
import { type ProofPlace, provedKey, refuseProof } from './proved-key.ts';
import { refuse } from './refuse.ts';
import type { Exchanged } from './types.ts';
import { verified } from './verified.ts';

type Outcome = { readonly opened: LiveSession } | { readonly shownAgain: Rotation };

/**
 * A code for the session it names: redeeming is the guarded insert of that row. Shown again with the same key it is a
 * lost answer and gets the identical token; with any other key, whatever it opened is ended (RFC 6749 §4.1.2).
 */
export async function redeem(
  needs: FlowNeeds,
  request: ExchangeRequest,
  place: ProofPlace,
  deadline: Deadline,
): Promise<Exchanged> {
  const payload = await readCode(needs, request);
  return verified(async () => {
    if (request.expectedSid !== undefined && request.expectedSid !== payload.sid) throw fail('already_authenticated');
    const jkt = await keyOf(needs, payload, request, place);
    const shown = presentation(payload, request, jkt, deadline);
    const user = await findUser(needs, payload);
    const session = newSession(payload, shown, await needs.hooks.claim(user), request);
    if (request.isGone()) throw fail('unavailable', { detail: 'asker is gone' });
    const outcome = await openOrJudge(needs, session, shown);
    if ('opened' in outcome) return welcome(needs, user, outcome.opened, request);
    if (!isGranted(outcome.shownAgain)) throw await refuse(needs, shown, outcome.shownAgain, request.peer);
    return grantSession(needs, outcome.shownAgain.session);
  });
}

/** What the code says, when its signature, time and verifier are good. */
export async function readCode({ secrets, codes, db }: FlowNeeds, request: ExchangeRequest): Promise<CodePayload> {
  const kid = readJwtHeader(request.credential)?.kid ?? '';
  if (secrets.key('code', kid) === undefined) {
    const failure = await secrets.judgeUnknown(db, kid);
    throw failure.code === 'token_invalid' ? fail('code_invalid', { detail: 'unknown kid' }) : failure;
  }
  return codes.read(request.credential, kid, request.codeVerifier);
}

/** A bound code is worth nothing without a proof by its key; it stays as it was. */
async function keyOf(
  needs: FlowNeeds,
  payload: CodePayload,
  request: ExchangeRequest,
  place: ProofPlace,
): Promise<string | null> {
  const shown = { sid: payload.sid, userId: payload.sub, tenantId: payload.tid };
  const jkt = await provedKey(needs, request, place, shown);
  if (payload.jkt === undefined || payload.jkt === jkt) return jkt;
  throw await refuseProof(needs, shown, jkt === null ? 'proof_required' : 'proof_invalid', request.peer);
}

function presentation(
  payload: CodePayload,
  request: ExchangeRequest,
  jkt: string | null,
  { until, epoch }: Deadline,
): Presentation {
  const keys = tagsOf(payload.sid, request.rotationKey, request.alsoRotationKeys);
  return { sid: payload.sid, gen: 0, tag: null, keys, jkt, kind: 'code', until, epoch };
}

async function findUser({ users, db }: FlowNeeds, payload: CodePayload): Promise<User> {
  const user = await users.find(db, payload.sub);
  if (user === undefined) throw fail('code_invalid', { detail: 'no such user' });
  if (user.disabledAt !== null) throw fail('user_disabled');
  return user;
}

function newSession(
  payload: CodePayload,
  shown: Presentation,
  claims: Readonly<Record<string, unknown>>,
  { peer }: ExchangeRequest,
): NewSession {
  return {
    sid: payload.sid,
    userId: payload.sub,
    credentialVersion: payload.cv,
    codeVersion: payload.tv ?? null,
    tag: shown.keys[0]!,
    // What the login said, and nothing later, binds a session.
    jkt: payload.jkt ?? null,
    authTime: payload.auth_time,
    amr: payload.amr,
    scope: payload.scope ?? null,
    claims,
    userAgent: peer.userAgent,
    addressPrefix: addressPrefix(peer.address),
    until: shown.until,
    epoch: shown.epoch,
  };
}

/** Two statements in one transaction: the insert, and when it inserted nothing, the verdict of generation 0. */
function openOrJudge(needs: FlowNeeds, session: NewSession, shown: Presentation): Promise<Outcome> {
  const { db, sessions, tokens } = needs;
  return transact(db, async ({ tx }) => {
    const opened = await sessions.open(tx, session);
    return opened === undefined ? { shownAgain: await tokens.presentIn(tx, shown) } : { opened };
  });
}

async function welcome(
  needs: FlowNeeds,
  user: User,
  opened: LiveSession,
  { peer }: ExchangeRequest,
): Promise<Exchanged> {
  // The cap may have ended other sessions of the user.
  void needs.feed.catchUp();
  needs.traffic.count('logins');
  void needs.hooks.onLogin({ user, sessionId: opened.sid, address: peer.address, userAgent: peer.userAgent });
  const audited = { action: 'login' as const, tenantId: user.tenantId, userId: user.id, sid: opened.sid };
  await needs.audit.record(needs.db, { ...audited, addressPrefix: addressPrefix(peer.address) }).catch(needs.onError);
  return grantSession(needs, opened);
}
