import { type Authenticated, type ErrorCode, endCode, fail } from '@latchkey/contract';
import type { Clock } from '../clock.ts';
import type { Authority, ExchangeRequest, Grant } from './authority.ts';
import type { Connection, Connections } from './connection.ts';
import type { Entry } from './entry.ts';
import type { Expiry } from './expiry.ts';
import type { Farewell } from './farewell.ts';
import type { Flights } from './flights.ts';
import { claimedSid } from './limits.ts';
import type { Namespaces } from './namespaces.ts';
import type { Limits } from './options.ts';
import type { PongGuard } from './pong-guard.ts';
import { enterRooms, type SocketIdentity } from './rooms.ts';
import { type Attempt, parseAuthenticate } from './schema.ts';
import { send } from './send.ts';
import type { Refusal, Trouble } from './trouble.ts';

interface AuthenticateDeps {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly limits: Limits;
  readonly entry: Pick<Entry, 'admit'>;
  readonly namespaces: Pick<Namespaces, 'signedIn'>;
  readonly connections: Connections;
  readonly expiry: Expiry;
  readonly farewell: Farewell;
  readonly flights: Flights;
  readonly trouble: Trouble;
  readonly isDraining: () => boolean;
  readonly pongs: Pick<PongGuard, 'refusalOf'>;
}

/** Takes an attempt, from the event or the handshake; answers `authenticated` or `unauthorized`. */
type Authenticate = (connection: Connection, payload: unknown) => Promise<void>;

/** Final refusals that say nothing about the session of a live socket: it stays, until there were too many. */
const harmless: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'already_authenticated',
  'proof_invalid',
  'internal_error',
]);

/** Further unacknowledged `authenticated` events ask for no acknowledgement: each one asked for holds memory. */
const mostUnconfirmed = 8;

export function createAuthenticate(deps: AuthenticateDeps): Authenticate {
  const { authority, limits, entry, namespaces, connections, expiry, farewell, flights, trouble, isDraining, pongs } =
    deps;

  function refuse(connection: Connection, { failure, wire }: Refusal): void {
    if (!connection.socket.connected) return;
    send(connection, 'unauthorized', wire);
    if (failure.code === 'server_draining') farewell.release(connection);
    else if (!failure.retryable) countFinal(connection, failure.code);
    else if (connection.sid === undefined) keepWaiting(connection, failure.verified);
  }

  function countFinal(connection: Connection, code: ErrorCode): void {
    connection.finalRefusals += 1;
    const stays = connection.sid !== undefined && harmless.has(code);
    if (!stays || connection.finalRefusals >= limits.finalRefusals) farewell.dismiss(connection);
  }

  /** The time to authenticate goes on as before; a good credential that met trouble gets more of it, once. */
  function keepWaiting(connection: Connection, isVerified: boolean): void {
    if (isVerified) connection.authenticateBy = connection.authenticateLatest;
    expiry.await(connection);
  }

  /** Throws what can be said without the authority. */
  function admitAttempt(connection: Connection, payload: unknown): Attempt {
    if (isDraining()) throw fail('server_draining');
    const refusal = pongs.refusalOf(connection.socket.conn);
    if (refusal !== undefined) throw refusal;
    if (connection.isExchanging) throw fail('busy');
    const attempt = parseAuthenticate(payload);
    const sid = claimedSid(attempt.credential);
    if (sid !== undefined) refuseTooMany(connection, sid);
    return attempt;
  }

  function refuseTooMany(connection: Connection, sid: string): void {
    if (connection.sid === sid || connections.countOfSession(sid) < limits.socketsPerSession) return;
    throw fail('rate_limited', { retryAfterMs: 60_000, reason: 'sockets_limited' });
  }

  /** Joins first, then looks: an end between commit and join is in the mirror by now, a later one finds the room. */
  async function join(connection: Connection, grant: Grant): Promise<void> {
    const { socket } = connection;
    if (connection.sid !== undefined && connection.sid !== grant.sid) throw fail('already_authenticated');
    // Again: others may have come in while this one was asked about. Whoever repeats its key gets the same token later.
    refuseTooMany(connection, grant.sid);
    const { sid, userId, tenantId, scope } = grant;
    const identity = { sid, userId, tenantId, scope };
    const joining = enterRooms(socket, identity);
    if (joining) await joining;
    if (!socket.connected) return;
    if (connection.sid === undefined) {
      connections.admit(connection, identity);
      entry.admit(socket.conn);
      authority.presence(grant.sid, connections.countOfSession(grant.sid));
    }
    const reason = connection.pendingEnd ?? authority.endedReason(grant.sid);
    if (reason !== undefined) throw fail(endCode(reason));
  }

  function welcome(connection: Connection, grant: Grant): void {
    if (!connection.socket.connected) return;
    expiry.renew(connection, grant, grant.accessTokenExpiresInSeconds);
    (connection.socket.data as SocketIdentity).scope = grant.scope;
    namespaces.signedIn(connection);
    const payload = authenticatedOf(grant);
    if (connection.unconfirmed >= mostUnconfirmed) {
      connection.socket.emit('authenticated', payload);
      return;
    }
    connection.unconfirmed += 1;
    const { sid, generation } = grant;
    send(connection, 'authenticated', payload, () => {
      connection.unconfirmed -= 1;
      authority.confirm(sid, generation);
    });
  }

  async function exchange(connection: Connection, attempt: Attempt): Promise<void> {
    connection.isExchanging = true;
    flights.start(connection);
    try {
      const grant = await authority.exchange(requestOf(connection, attempt));
      await join(connection, grant);
      welcome(connection, grant);
    } catch (error) {
      refuse(connection, trouble.refusalOf(error, 'authenticate', secretsOf(attempt)));
    } finally {
      connection.isExchanging = false;
      flights.finish(connection);
    }
  }

  return async (connection, payload) => {
    let attempt: Attempt | undefined;
    try {
      attempt = admitAttempt(connection, payload);
    } catch (error) {
      refuse(connection, trouble.refusalOf(error, 'authenticate', []));
    }
    if (attempt) await exchange(connection, attempt);
  };
}

function requestOf(connection: Connection, attempt: Attempt): ExchangeRequest {
  const { socket, sid, peer } = connection;
  return { ...attempt, expectedSid: sid, peer, isGone: () => !socket.connected };
}

const secretsOf = ({ credential, codeVerifier, rotationKey, alsoRotationKeys, proof }: Attempt): readonly unknown[] => [
  credential,
  codeVerifier,
  rotationKey,
  ...alsoRotationKeys,
  proof,
];

function authenticatedOf(grant: Grant): Authenticated {
  return {
    token: grant.token,
    token_expires_in: grant.expiresInSeconds,
    access_token: grant.accessToken,
    access_token_expires_in: grant.accessTokenExpiresInSeconds,
    ...(grant.scope === '' ? {} : { scope: grant.scope }),
    refresh_in: grant.refreshInSeconds,
    rotate_in: grant.rotateInSeconds,
    session: { id: grant.sid, expires_in: grant.expiresInSeconds, idle_timeout_in: grant.idleTimeoutInSeconds },
    user: { ...grant.claims, id: grant.userId, tenant_id: grant.tenantId },
    server_time: grant.serverTimeMs,
    ...(grant.nowMs === undefined ? {} : { now: grant.nowMs }),
  };
}
