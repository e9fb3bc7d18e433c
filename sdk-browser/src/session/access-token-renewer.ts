import type { Authenticator } from '../connection/authenticator.ts';
import type { ProtocolCalls } from '../connection/calls.ts';
import type { SocketConnection } from '../connection/connection.ts';
import { fail, isSessionEndedError } from '../platform/fail.ts';
import { singleFlight } from '../platform/single-flight.ts';
import { rotateOverHttp } from '../refresh/http-rotation.ts';
import type { RefreshScheduler } from '../refresh/refresh-scheduler.ts';
import type { TokenEndReason } from '../tokens/token-store.ts';
import type { SessionBasics } from './session-basics.ts';
import type { StateEvent } from './session-event.ts';
import type { SessionState } from './session-state.ts';

interface AccessTokenRenewerDeps extends SessionBasics {
  readonly connection: SocketConnection;
  readonly calls: ProtocolCalls;
  readonly authenticator: Authenticator;
  readonly refreshScheduler: RefreshScheduler;
  readonly dispatch: (event: StateEvent) => void;
  readonly settled: () => Promise<SessionState>;
  readonly end: (sid: string, reason: TokenEndReason) => void;
}

async function renewOverSocket(deps: AccessTokenRenewerDeps, sid: string): Promise<void> {
  const { access, calls, authenticator, connection, refreshScheduler, dispatch } = deps;
  let scope: string | undefined;
  dispatch({ type: 'refreshing' });
  try {
    const answer = await calls.refresh();
    if (authenticator.liveSessionId !== sid) throw fail('unavailable');
    access.set(answer.access_token, answer.access_token_expires_in);
    scope = answer.scope ?? '';
    refreshScheduler.refreshed(answer.refresh_in);
  } catch (cause) {
    // A new `authenticate` returns the cause.
    if (isSessionEndedError(cause) && authenticator.liveSessionId === sid) connection.reconnect();
    throw cause;
  } finally {
    if (!authenticator.isPresenting) dispatch({ type: 'refreshed', scope });
  }
}

async function renewOverHttp(deps: AccessTokenRenewerDeps): Promise<void> {
  const { access, tokenStore, channel, dispatch, end } = deps;
  const answer = await rotateOverHttp({ ...deps, onEnded: end });
  access.set(answer.access_token, answer.expires_in);
  const held = tokenStore.read();
  if (held !== undefined)
    dispatch({ type: 'advanced', sessionId: held.sid, generation: held.gen, scope: answer.scope ?? '' });
  channel.broadcast();
}

/**
 * Returns the function that gets a new access token: over the live socket, else by the refresh grant. Concurrent calls share one
 * request.
 */
export function createRenew(deps: AccessTokenRenewerDeps) {
  const { access, authenticator, settled } = deps;
  return singleFlight(async () => {
    const sid = authenticator.liveSessionId;
    if (sid !== undefined) {
      try {
        return await renewOverSocket(deps, sid);
      } catch (cause) {
        // The connection was lost during the request, so HTTP is tried.
        if (authenticator.liveSessionId === sid) throw cause;
      }
    }
    if (authenticator.isPresenting) {
      await settled();
      if (access.getValid() !== undefined) return;
    }
    await renewOverHttp(deps);
  });
}
