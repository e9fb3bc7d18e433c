import { Failure, fail, type Refreshed, shouldClearToken } from '@latchkey/contract';
import type { AccessGrant } from '../authority.ts';
import type { ProtocolCall } from './call-handler.ts';
import type { Connection } from './connection.ts';
import type { Expiry } from './expiry.ts';
import type { ProtocolContext } from './options.ts';
import type { SocketSession } from './rooms.ts';
import { parseRefresh, type RefreshRequest } from './schema.ts';

const windowMs = 60_000;

interface RefreshDeps extends Pick<ProtocolContext, 'authority' | 'clock' | 'limits'> {
  readonly expiry: Expiry;
}

/** `refresh`: a new access token for a live socket, without rotation; moves that socket's own expiry. */
export function createRefreshCall({ authority, clock, limits, expiry }: RefreshDeps): ProtocolCall<RefreshRequest> {
  function count(connection: Connection): void {
    const now = clock.monotonic();
    if (now - connection.refreshWindowAt >= windowMs) {
      connection.refreshWindowAt = now;
      connection.refreshes = 0;
    }
    if (connection.refreshes >= limits.refreshesPerMinute) {
      const retryAfterMs = Math.ceil(connection.refreshWindowAt + windowMs - now);
      throw fail('rate_limited', { retryAfterMs, reason: 'refreshes_limited' });
    }
    connection.refreshes += 1;
  }

  async function refreshAccess(connection: Connection, input: RefreshRequest): Promise<AccessGrant> {
    try {
      return await authority.refresh(connection.sid!, input);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // No event reports an expired session, so read the row now, and close its sockets.
      if (shouldClearToken(error.code)) expiry.recheck(connection);
      // The service no longer knows that this server relayed the session. Signing in on the socket again restores it.
      if (error.code === 'forbidden' && !input.admin) throw fail('unauthenticated', { cause: error });
      throw error;
    }
  }

  return {
    event: 'refresh',
    parse: parseRefresh,
    needsAck: true,
    async run(connection, input) {
      count(connection);
      const grant = await refreshAccess(connection, input);
      const isWhole = !input.admin && input.scope === undefined;
      if (isWhole) (connection.socket.data as SocketSession).scope = grant.scope;
      if (connection.socket.connected) expiry.renew(connection, grant, grant.accessTokenExpiresInSeconds);
      return { ok: true, data: toRefreshed(grant) };
    },
  };
}

/** The access token of a grant, as the protocol sends it. */
export function toRefreshed(grant: AccessGrant): Refreshed {
  return {
    access_token: grant.accessToken,
    access_token_expires_in: grant.accessTokenExpiresInSeconds,
    ...(grant.scope === '' ? {} : { scope: grant.scope }),
    refresh_in: grant.refreshInSeconds,
  };
}
