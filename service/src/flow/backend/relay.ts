import { createOriginMatcher, type EndedSessions, fail, type LogoutScope, tokenTypes } from '@latchkey/contract';
import type { AccessGrant, Grant, SessionInspection } from '@latchkey/core';
import { peekJwtHeader } from '@latchkey/core/internal';
import { deadlineNow } from '../../db/deadline.ts';
import type { Backend } from '../../domain/backend/backend.ts';
import type { ExchangeContext, FlowContext } from '../context.ts';
import { exchangeCredential } from '../exchange-credential.ts';
import { type LogoutContext, logout as logoutSession } from '../logout.ts';
import { type RefreshContext, type RefreshOptions, refresh as refreshSession } from '../refresh.ts';
import type { CredentialRequest } from '../types.ts';
import { socketTarget } from '../verify-proof.ts';
import { assertHoldsSession, assertSameTenant, type BackendServer, findForeignSessions } from './session-access.ts';

/**
 * A browser's credential, relayed. The tenant is checked before anything is redeemed or rotated, so that a backend of
 * another tenant changes nothing. The session of a deleted row is judged as everywhere: `session_revoked`.
 *
 * @throws forbidden another tenant's credential, or a page of an origin that is not the backend's
 */
export async function exchange(
  context: ExchangeContext,
  server: BackendServer,
  relayed: CredentialRequest,
): Promise<Grant> {
  const { backend, presence } = server;
  const request = { ...relayed, header: peekJwtHeader(relayed.credential) };
  const deadline = deadlineNow(context.databaseClock, request.askedAt);
  const { origin } = request.peer;
  if (backend.origins.length > 0 && origin !== null && !createOriginMatcher(backend.origins)(origin))
    throw refusedOrigin(context, backend, origin);
  if (backend.tenantId !== null) await assertTenant(context, backend, request);
  const grant = await exchangeCredential(context, request, socketTarget(socketOriginsOf(backend, request)), deadline);
  presence.markRelayed(grant.sid);
  return grant;
}

function refusedOrigin({ causes }: Pick<FlowContext, 'causes'>, { id }: Backend, origin: string) {
  const message = 'This page is not of an origin of the backend.';
  return causes.failure(
    'backend_origin_missing',
    'forbidden',
    { message },
    { backend: id, origin: origin.slice(0, 256) },
  );
}

/**
 * Where the backend's sockets are, as far as a proof has to name it: its registered origins, so that one app cannot use a
 * proof made for another. A backend without any decides by itself.
 */
function socketOriginsOf({ origins }: Backend, { peer }: CredentialRequest): readonly string[] {
  // Where TLS ended at a proxy, the backend did not see it.
  const observed =
    peer.socketOrigin === undefined ? [] : [peer.socketOrigin, peer.socketOrigin.replace(/^http:/, 'https:')];
  // A wildcard is no address, so the one that the backend says counts where a wildcard of its origins matches it.
  return origins.length === 0 ? observed : [...origins, ...observed.filter(createOriginMatcher(origins))];
}

async function assertTenant(
  context: Pick<FlowContext, 'codes' | 'db' | 'sessions' | 'tokens'>,
  backend: Backend,
  request: CredentialRequest,
): Promise<void> {
  const { db, codes, tokens } = context;
  const { credential, header, codeVerifier } = request;
  if (header?.typ !== tokenTypes.code)
    return assertSameTenant(context, backend, (await tokens.readSession(credential, header)).sid);
  if ((await codes.read(db, credential, header, codeVerifier)).tid !== backend.tenantId)
    throw fail('forbidden', { message: 'This credential belongs to another tenant.' });
}

/** The browser has stored the token. Batched and delayed. May be lost on a crash, with no effect. @throws forbidden */
export async function confirm(
  context: Pick<FlowContext, 'db' | 'sessions'>,
  server: BackendServer,
  sid: string,
  generation: number,
): Promise<void> {
  await assertHoldsSession(context, server, sid);
  context.sessions.confirmStored(sid, generation);
}

/** A new access token for a session with a socket at the server. @throws forbidden · session_revoked · session_expired */
export async function refresh(
  context: RefreshContext,
  server: BackendServer,
  sid: string,
  options: Pick<RefreshOptions, 'scope'>,
): Promise<AccessGrant> {
  await assertHoldsSession(context, server, sid);
  return refreshSession(context, sid, options);
}

/** Ends sessions for the user who asked at the backend. @throws forbidden */
export async function logout(
  context: LogoutContext,
  server: BackendServer,
  sid: string,
  scope: LogoutScope,
): Promise<EndedSessions> {
  const deadline = deadlineNow(context.databaseClock);
  await assertHoldsSession(context, server, sid);
  return logoutSession(context, sid, scope, deadline);
}

/**
 * Which sessions are live, read now, in the order of the question. Sessions of another tenant are left out: nothing is
 * said about them, least of all that they ended.
 */
export async function inspect(
  context: Pick<FlowContext, 'db' | 'sessions'>,
  { backend }: Pick<BackendServer, 'backend'>,
  sids: readonly string[],
): Promise<readonly SessionInspection[]> {
  const others = await findForeignSessions(context, backend, sids);
  return context.sessions.inspect(sids.filter((sid) => !others.has(sid)));
}

/** Users did something: moves the idle limits of those sessions that the server holds. */
export async function activity(
  context: Pick<FlowContext, 'db' | 'sessions'>,
  server: BackendServer,
  sids: readonly string[],
): Promise<void> {
  const held = await server.presence.findHeld(sids);
  const others = await findForeignSessions(context, server.backend, [...held]);
  for (const sid of held) if (!others.has(sid)) context.sessions.markActive(sid);
}

/**
 * Records how many sockets of each session the server has. A session that the server does not hold, or that belongs to
 * another tenant, is left out.
 *
 * @param replaceAll these are all sockets that the server has
 * @returns how many sessions were left out
 */
export async function countSockets(
  context: Pick<FlowContext, 'db' | 'sessions'>,
  server: BackendServer,
  counts: ReadonlyMap<string, number>,
  replaceAll: boolean,
): Promise<number> {
  const { presence, backend } = server;
  const held = await presence.findHeld([...counts.keys()]);
  const others = await findForeignSessions(context, backend, [...held]);
  const own = new Map([...counts].filter(([sid]) => held.has(sid) && !others.has(sid)));
  if (replaceAll) await presence.replace(own);
  else for (const [sid, sockets] of own) presence.set(sid, sockets);
  return [...counts].filter(([sid, sockets]) => sockets > 0 && !own.has(sid)).length;
}
