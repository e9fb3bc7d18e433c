import { type Authenticated, type ErrorCode, errorCodeForEnd, fail } from '@latchkey/contract';
import type { ExchangeRequest, Grant } from '../authority.ts';
import type { Connection, Connections } from './connection.ts';
import type { ConnectionCloser } from './connection-closer.ts';
import type { ErrorReporter, SocketRefusal } from './error-reporter.ts';
import type { Expiry } from './expiry.ts';
import type { InFlightCalls } from './in-flight-calls.ts';
import { peekSessionId } from './limits.ts';
import type { Namespaces } from './namespaces.ts';
import type { ProtocolContext } from './options.ts';
import type { PongGuard } from './pong-guard.ts';
import type { PreAuthLimits } from './pre-auth-limits.ts';
import { toRefreshed } from './refresh.ts';
import { enterRooms, type SocketSession } from './rooms.ts';
import { type AuthenticateRequest, parseAuthenticate } from './schema.ts';
import { send } from './send.ts';

interface SocketAuthenticatorDeps extends Pick<ProtocolContext, 'authority' | 'limits'> {
  readonly preAuthLimits: Pick<PreAuthLimits, 'release'>;
  readonly namespaces: Pick<Namespaces, 'onSignedIn'>;
  readonly connections: Connections;
  readonly expiry: Expiry;
  readonly closer: ConnectionCloser;
  readonly inFlightCalls: InFlightCalls;
  readonly errorReporter: ErrorReporter;
  readonly isDraining: () => boolean;
  readonly pongs: Pick<PongGuard, 'refusalOf'>;
}

/** Takes an attempt, from the event or the handshake; answers `authenticated` or `unauthorized`. */
type SocketAuthenticator = (connection: Connection, payload: unknown) => Promise<void>;

/** Final refusals that say nothing about the session of a live socket: it stays, until there were too many. */
const sessionPreservingCodes: ReadonlySet<ErrorCode> = new Set([
  'invalid_request',
  'already_authenticated',
  'proof_invalid',
  'internal_error',
]);

/** Further unacknowledged `authenticated` events ask for no acknowledgement: each one asked for holds memory. */
const maxUnacknowledged = 8;

export function createSocketAuthenticator(deps: SocketAuthenticatorDeps): SocketAuthenticator {
  const {
    authority,
    limits,
    preAuthLimits,
    namespaces,
    connections,
    expiry,
    closer,
    inFlightCalls,
    errorReporter,
    isDraining,
    pongs,
  } = deps;

  function refuse(connection: Connection, { failure, wire }: SocketRefusal): void {
    if (!connection.socket.connected) return;
    send(connection, 'unauthorized', wire);
    if (failure.code === 'server_draining') closer.closeTransport(connection);
    else if (!failure.retryable) countFinalRefusal(connection, failure.code);
    else if (connection.sid === undefined) extendTimeout(connection, failure.verified);
  }

  function countFinalRefusal(connection: Connection, code: ErrorCode): void {
    connection.finalRefusals += 1;
    const stays = connection.sid !== undefined && sessionPreservingCodes.has(code);
    if (!stays || connection.finalRefusals >= limits.finalRefusals) closer.close(connection);
  }

  /** The authentication timeout continues. A verified credential with a transient error extends it once. */
  function extendTimeout(connection: Connection, isVerified: boolean): void {
    if (isVerified) connection.authenticateBy = connection.authenticateLatest;
    expiry.awaitAuthentication(connection);
  }

  /** Throws what can be said without the authority. */
  function validateAttempt(connection: Connection, payload: unknown): AuthenticateRequest {
    if (isDraining()) throw fail('server_draining');
    const refusal = pongs.refusalOf(connection.socket.conn);
    if (refusal !== undefined) throw refusal;
    if (connection.isExchanging) throw fail('busy');
    const attempt = parseAuthenticate(payload);
    const sid = peekSessionId(attempt.credential);
    if (sid !== undefined) assertSocketLimit(connection, sid);
    return attempt;
  }

  function assertSocketLimit(connection: Connection, sid: string): void {
    if (connection.sid === sid || connections.countBySession(sid) < limits.socketsPerSession) return;
    throw fail('rate_limited', { retryAfterMs: 60_000, reason: 'sockets_limited' });
  }

  /**
   * Joins first, then checks: a revocation between commit and join is in the cache by now, a later one finds the socket
   * in its Socket.IO room.
   */
  async function joinSession(connection: Connection, grant: Grant): Promise<void> {
    const { socket } = connection;
    if (connection.sid !== undefined && connection.sid !== grant.sid) throw fail('already_authenticated');
    // Checked again, because other sockets may have joined during the request. A repetition with the same key gets the
    // same token later.
    assertSocketLimit(connection, grant.sid);
    const { sid, userId, tenantId, scope } = grant;
    const identity = { sid, userId, tenantId, scope };
    const joining = enterRooms(socket, identity);
    if (joining) await joining;
    if (!socket.connected) return;
    if (connection.sid === undefined) {
      connections.markAuthenticated(connection, identity);
      preAuthLimits.release(socket.conn);
      authority.presence(grant.sid, connections.countBySession(grant.sid));
    }
    const reason = connection.pendingEnd ?? authority.endedReason(grant.sid);
    if (reason !== undefined) throw fail(errorCodeForEnd(reason));
  }

  function completeAuthentication(connection: Connection, grant: Grant): void {
    if (!connection.socket.connected) return;
    expiry.renew(connection, grant, grant.accessTokenExpiresInSeconds);
    (connection.socket.data as SocketSession).scope = grant.scope;
    namespaces.onSignedIn(connection);
    const payload = toAuthenticated(grant);
    if (connection.unacknowledged >= maxUnacknowledged) {
      connection.socket.emit('authenticated', payload);
      return;
    }
    connection.unacknowledged += 1;
    const { sid, generation } = grant;
    send(connection, 'authenticated', payload, () => {
      connection.unacknowledged -= 1;
      authority.confirm(sid, generation);
    });
  }

  async function exchange(connection: Connection, attempt: AuthenticateRequest): Promise<void> {
    connection.isExchanging = true;
    inFlightCalls.start(connection);
    try {
      const grant = await authority.exchange(toExchangeRequest(connection, attempt));
      await joinSession(connection, grant);
      completeAuthentication(connection, grant);
    } catch (error) {
      refuse(connection, errorReporter.toRefusal(error, 'authenticate', secretsOf(attempt)));
    } finally {
      connection.isExchanging = false;
      inFlightCalls.finish(connection);
    }
  }

  return async (connection, payload) => {
    let attempt: AuthenticateRequest | undefined;
    try {
      attempt = validateAttempt(connection, payload);
    } catch (error) {
      refuse(connection, errorReporter.toRefusal(error, 'authenticate', []));
    }
    if (attempt) await exchange(connection, attempt);
  };
}

function toExchangeRequest(connection: Connection, attempt: AuthenticateRequest): ExchangeRequest {
  const { socket, sid, peer } = connection;
  return { ...attempt, expectedSid: sid, peer, isDisconnected: () => !socket.connected };
}

const secretsOf = ({
  credential,
  codeVerifier,
  rotationKey,
  alsoRotationKeys,
  proof,
}: AuthenticateRequest): readonly unknown[] => [credential, codeVerifier, rotationKey, ...alsoRotationKeys, proof];

function toAuthenticated(grant: Grant): Authenticated {
  return {
    token: grant.token,
    token_expires_in: grant.expiresInSeconds,
    ...toRefreshed(grant),
    rotate_in: grant.rotateInSeconds,
    session: { id: grant.sid, expires_in: grant.expiresInSeconds, idle_timeout_in: grant.idleTimeoutInSeconds },
    user: { ...grant.claims, id: grant.userId, tenant_id: grant.tenantId },
    server_time: grant.serverTimeMs,
    ...(grant.nowMs === undefined ? {} : { now: grant.nowMs }),
  };
}
