import { type Ended, fail, type LogoutScope, tokenTypes } from '@latchkey/contract';
import type { AccessGrant, ExchangeRequest, Grant, Liveness } from '@latchkey/sdk-server';
import { deadlineNow } from '../../db/deadline.ts';
import type { Backend } from '../../domain/backend/backend.ts';
import { readJwtHeader } from '../../domain/token/jwt-header.ts';
import { exchange } from '../exchange.ts';
import { logout } from '../logout.ts';
import type { FlowNeeds } from '../needs.ts';
import { socketAt } from '../proved-key.ts';
import { readCode } from '../redeem.ts';
import { refresh } from '../refresh.ts';

type Needs = FlowNeeds;

/** Those of the sessions that the backend may speak of: all, or its tenant's. */
export async function own(needs: Needs, { tenantId }: Backend, sids: readonly string[]): Promise<ReadonlySet<string>> {
  if (tenantId === null || sids.length === 0) return new Set(sids);
  return new Set(await needs.sessions.ofTenant(needs.db, sids, tenantId));
}

async function isOwn(needs: Needs, backend: Backend, sid: string): Promise<boolean> {
  return (await own(needs, backend, [sid])).has(sid);
}

/**
 * A browser's credential, relayed. Whose it is, is looked at before anything is redeemed or rotated: a backend of
 * another tenant changes nothing.
 *
 * @throws forbidden another tenant's credential, or a page of an origin that is not the backend's
 */
export async function exchangeFor(needs: Needs, backend: Backend, request: ExchangeRequest): Promise<Grant> {
  const deadline = deadlineNow(needs.databaseClock, request.askedAt);
  const { origin } = request.peer;
  if (backend.origins.length > 0 && origin !== null && !backend.origins.includes(origin))
    throw fail('forbidden', { message: 'This page is not of an origin of the backend.' });
  if (backend.tenantId !== null && !(await isOfTenant(needs, backend, request)))
    throw fail('forbidden', { message: 'This credential belongs to another tenant.' });
  return exchange(needs, request, socketAt(socketOriginsOf(backend, request)), deadline);
}

/**
 * Where the backend's sockets are, as far as a proof has to name it: its registered origins, so that one app cannot use a
 * proof made for another. A backend without any decides by itself.
 */
function socketOriginsOf({ origins }: Backend, { peer }: ExchangeRequest): readonly string[] {
  if (origins.length > 0) return origins;
  return peer.socketOrigin === undefined ? [] : [peer.socketOrigin];
}

async function isOfTenant(needs: Needs, backend: Backend, request: ExchangeRequest): Promise<boolean> {
  if (readJwtHeader(request.credential)?.typ === tokenTypes.code)
    return (await readCode(needs, request)).tid === backend.tenantId;
  return isOwn(needs, backend, (await needs.tokens.readSession(request.credential)).sid);
}

/** The browser has stored the token. Late and batched; losing it is harmless. */
export async function confirmFor(needs: Needs, backend: Backend, sid: string, generation: number): Promise<void> {
  if (await isOwn(needs, backend, sid)) needs.sessions.confirm(sid, generation);
}

/** A new access token for a session with a socket at the backend. */
export async function refreshFor(needs: Needs, backend: Backend, sid: string): Promise<AccessGrant> {
  // What is said of a session that is not there.
  if (!(await isOwn(needs, backend, sid))) throw fail('session_expired');
  return refresh(needs, sid);
}

/** Ends sessions for the person who asked at the backend. */
export async function logoutFor(needs: Needs, backend: Backend, sid: string, scope: LogoutScope): Promise<Ended> {
  const deadline = deadlineNow(needs.databaseClock);
  return (await isOwn(needs, backend, sid)) ? logout(needs, sid, scope, deadline) : { ended: 0 };
}

/** Which sessions live, read now, in the order of the question. */
export async function inspectFor(
  needs: Needs,
  backend: Backend,
  sids: readonly string[],
): Promise<readonly Liveness[]> {
  const mine = await own(needs, backend, sids);
  const states = await needs.sessions.inspect([...mine]);
  const found = new Map(states.map((state) => [state.sid, state]));
  return sids.map((sid) => found.get(sid) ?? { sid, alive: false, reason: 'absolute' });
}

/** People did something: moves idle limits. */
export async function activityFor(needs: Needs, backend: Backend, sids: readonly string[]): Promise<void> {
  for (const sid of await own(needs, backend, sids)) needs.sessions.active(sid);
}
