import { createOriginMatcher, type Ended, fail, type LogoutScope, tokenTypes } from '@latchkey/contract';
import type { AccessGrant, ExchangeRequest, Grant, Liveness } from '@latchkey/sdk-server';
import { deadlineNow } from '../../db/deadline.ts';
import type { Backend } from '../../domain/backend/backend.ts';
import { readJwtHeader } from '../../domain/token/jwt-header.ts';
import { exchange } from '../exchange.ts';
import { logout } from '../logout.ts';
import type { FlowNeeds } from '../needs.ts';
import { socketAt } from '../proved-key.ts';
import { readCode } from '../redeem.ts';
import { type RefreshOptions, refresh } from '../refresh.ts';
import { assertHeld, assertNotForeign, type BackendServer, foreign } from './held.ts';

type Needs = FlowNeeds;

/**
 * A browser's credential, relayed. The tenant is checked before anything is redeemed or rotated, so that a backend of
 * another tenant changes nothing. The session of a deleted row is judged as everywhere: `session_revoked`.
 *
 * @throws forbidden another tenant's credential, or a page of an origin that is not the backend's
 */
export async function exchangeFor(needs: Needs, server: BackendServer, request: ExchangeRequest): Promise<Grant> {
  const { backend, presence } = server;
  const deadline = deadlineNow(needs.databaseClock, request.askedAt);
  const { origin } = request.peer;
  if (backend.origins.length > 0 && origin !== null && !createOriginMatcher(backend.origins)(origin))
    throw refusedOrigin(needs, backend, origin);
  if (backend.tenantId !== null) await assertTenant(needs, backend, request);
  const grant = await exchange(needs, request, socketAt(socketOriginsOf(backend, request)), deadline);
  presence.relayed(grant.sid);
  return grant;
}

function refusedOrigin({ causes }: Needs, { id }: Backend, origin: string) {
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
function socketOriginsOf({ origins }: Backend, { peer }: ExchangeRequest): readonly string[] {
  // Where TLS ended at a proxy, the backend did not see it.
  const shown =
    peer.socketOrigin === undefined ? [] : [peer.socketOrigin, peer.socketOrigin.replace(/^http:/, 'https:')];
  // A wildcard is no address, so the one that the backend says counts where a wildcard of its origins matches it.
  return origins.length === 0 ? shown : [...origins, ...shown.filter(createOriginMatcher(origins))];
}

async function assertTenant(needs: Needs, backend: Backend, request: ExchangeRequest): Promise<void> {
  if (readJwtHeader(request.credential)?.typ !== tokenTypes.code)
    return assertNotForeign(needs, backend, (await needs.tokens.readSession(request.credential)).sid);
  if ((await readCode(needs, request)).tid !== backend.tenantId)
    throw fail('forbidden', { message: 'This credential belongs to another tenant.' });
}

/** The browser has stored the token. Batched and delayed. May be lost on a crash, with no effect. @throws forbidden */
export async function confirmFor(needs: Needs, server: BackendServer, sid: string, generation: number): Promise<void> {
  await assertHeld(needs, server, sid);
  needs.sessions.confirm(sid, generation);
}

/** A new access token for a session with a socket at the server. @throws forbidden · session_revoked · session_expired */
export async function refreshFor(
  needs: Needs,
  server: BackendServer,
  sid: string,
  options: Pick<RefreshOptions, 'scope'>,
): Promise<AccessGrant> {
  await assertHeld(needs, server, sid);
  return refresh(needs, sid, options);
}

/** Ends sessions for the user who asked at the backend. @throws forbidden */
export async function logoutFor(needs: Needs, server: BackendServer, sid: string, scope: LogoutScope): Promise<Ended> {
  const deadline = deadlineNow(needs.databaseClock);
  await assertHeld(needs, server, sid);
  return logout(needs, sid, scope, deadline);
}

/**
 * Which sessions are live, read now, in the order of the question. Sessions of another tenant are left out: nothing is
 * said about them, least of all that they ended.
 */
export async function inspectFor(
  needs: Needs,
  { backend }: Pick<BackendServer, 'backend'>,
  sids: readonly string[],
): Promise<readonly Liveness[]> {
  const others = await foreign(needs, backend, sids);
  return needs.sessions.inspect(sids.filter((sid) => !others.has(sid)));
}

/** Users did something: moves the idle limits of those sessions that the server holds. */
export async function activityFor(needs: Needs, server: BackendServer, sids: readonly string[]): Promise<void> {
  const held = await server.presence.held(sids);
  const others = await foreign(needs, server.backend, [...held]);
  for (const sid of held) if (!others.has(sid)) needs.sessions.active(sid);
}

/**
 * Records how many sockets of each session the server has. A session that the server does not hold, or that belongs to
 * another tenant, is left out.
 *
 * @param all these are all sockets that the server has
 * @returns how many sessions were left out
 */
export async function presenceFor(
  needs: Needs,
  server: BackendServer,
  counts: ReadonlyMap<string, number>,
  all: boolean,
): Promise<number> {
  const { presence, backend } = server;
  const held = await presence.held([...counts.keys()]);
  const others = await foreign(needs, backend, [...held]);
  const own = new Map([...counts].filter(([sid]) => held.has(sid) && !others.has(sid)));
  if (all) await presence.replace(own);
  else for (const [sid, sockets] of own) presence.set(sid, sockets);
  return [...counts].filter(([sid, sockets]) => sockets > 0 && !own.has(sid)).length;
}
