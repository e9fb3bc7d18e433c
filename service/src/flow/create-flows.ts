import { deadlineNow } from '../db/deadline.ts';
import { changePassword, endSession, listSessions, me } from './account.ts';
import { authenticate } from './authenticate.ts';
import { introspectWith } from './backend/introspect.ts';
import { exchange } from './exchange.ts';
import type { Flows } from './flows.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import type { FlowNeeds } from './needs.ts';
import { type Endpoint, endpointAt, type ProofPlace, socketAt } from './proved-key.ts';
import { receive } from './receive.ts';
import { recomputeClaims } from './recompute-claims.ts';
import { refresh } from './refresh.ts';
import { register } from './register.ts';
import { revoke } from './revoke.ts';
import { nowOf } from './timed.ts';

/** Every verb of the service, bound to its rooms. */
export function createFlows(needs: FlowNeeds): Flows {
  const now = (askedAt?: number) => deadlineNow(needs.databaseClock, askedAt);
  return Object.freeze<Flows>({
    register: async (input, peer, deadline = now()) => register(needs, input, peer, deadline),
    login: async (input, peer, deadline = now()) => login(needs, input, peer, deadline),
    receive: () => receive(needs),
    now: () => nowOf(needs.databaseClock),
    async exchange(request, endpoint, deadline = now(request.askedAt)) {
      return exchange(needs, request, placeOf(needs, endpoint), deadline);
    },
    refresh: (sid, options) => refresh(needs, sid, options),
    logout: async (sid, scope, deadline = now()) => logout(needs, sid, scope, deadline),
    revoke: async (token, deadline = now()) => revoke(needs, token, deadline),
    introspect: (credential, token) => introspectWith(needs, credential, token),
    recomputeClaims: (userId) => recomputeClaims(needs, userId),
    inspect: (sids) => needs.sessions.inspect(sids),
    authenticate: (accessToken, shown) => authenticate(needs, accessToken, shown),
    me: (caller) => me(needs, caller),
    changePassword: async (caller, input, peer, deadline = now()) =>
      changePassword(needs, caller, input, peer, deadline),
    listSessions: (caller) => listSessions(needs, caller),
    endSession: async (caller, sid, deadline = now()) => endSession(needs, caller, sid, deadline),
  });
}

/** At the token endpoint the server's own nonce is needed: whoever was at the key for a moment can make no stock. */
function placeOf(needs: FlowNeeds, endpoint: Endpoint | undefined): ProofPlace {
  if (endpoint === undefined) return socketAt(needs.config.ownOrigins);
  return { ...endpointAt(needs, endpoint), needsNonce: true };
}
