import { deadlineNow } from '../db/deadline.ts';
import { changePassword, endSession, getCurrentUser, listSessions } from './account.ts';
import { authenticate } from './authenticate.ts';
import { introspectWithCredential } from './backend/introspect.ts';
import type { FlowContext } from './context.ts';
import { exchange } from './exchange.ts';
import type { Flows } from './flows.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { receive } from './receive.ts';
import { recomputeClaims } from './recompute-claims.ts';
import { refresh } from './refresh.ts';
import { register } from './register.ts';
import { revoke } from './revoke.ts';
import { databaseNowMs } from './timestamp-failures.ts';
import type { Endpoint } from './types.ts';
import { endpointTarget, type ProofRequestTarget, socketTarget } from './verify-proof.ts';

/** Every verb of the service, bound to its rooms. */
export function createFlows(context: FlowContext): Flows {
  const now = (askedAt?: number) => deadlineNow(context.databaseClock, askedAt);
  return Object.freeze<Flows>({
    register: async (input, peer, deadline = now()) => register(context, input, peer, deadline),
    login: async (input, peer, deadline = now()) => login(context, input, peer, deadline),
    receive: () => receive(context),
    now: () => databaseNowMs(context.databaseClock),
    async exchange(request, endpoint, deadline = now(request.askedAt)) {
      return exchange(context, request, proofTargetOf(context, endpoint), deadline);
    },
    refresh: (sid, options) => refresh(context, sid, options),
    logout: async (sid, scope, deadline = now()) => logout(context, sid, scope, deadline),
    revoke: async (token, deadline = now()) => revoke(context, token, deadline),
    introspect: (credential, token) => introspectWithCredential(context, credential, token),
    recomputeClaims: (userId) => recomputeClaims(context, userId),
    inspect: (sids) => context.sessions.inspect(sids),
    authenticate: (accessToken, shown) => authenticate(context, accessToken, shown),
    me: (caller) => getCurrentUser(context, caller),
    changePassword: async (caller, input, peer, deadline = now()) =>
      changePassword(context, caller, input, peer, deadline),
    listSessions: (caller) => listSessions(context, caller),
    endSession: async (caller, sid, deadline = now()) => endSession(context, caller, sid, deadline),
  });
}

/** At the token endpoint the server's own nonce is needed: whoever was at the key for a moment can make no stock. */
function proofTargetOf(context: FlowContext, endpoint: Endpoint | undefined): ProofRequestTarget {
  if (endpoint === undefined) return socketTarget(context.config.ownOrigins);
  return { ...endpointTarget(context, endpoint), needsNonce: true };
}
