import { paths } from '@latchkey/contract';
import type { HttpAppDeps } from './deps.ts';
import { adminRoutes } from './endpoints/admin/routes.ts';
import { getLiveness, getReadiness, liveResponse, readyResponse } from './endpoints/health.ts';
import { introspect, introspectBody, introspectResponse } from './endpoints/introspect.ts';
import { codeResponse, login, loginBody } from './endpoints/login.ts';
import { endedSessionsResponse, logout, logoutBody } from './endpoints/logout.ts';
import { changePassword, currentUserResponse, getCurrentUser, passwordBody } from './endpoints/me.ts';
import { register, registerBody } from './endpoints/register.ts';
import { revoke, revokeBody, revokeResponse } from './endpoints/revoke.ts';
import { endSession, listSessions, sessionListResponse, sessionParams } from './endpoints/sessions.ts';
import { describeSignIn, signInRequest, signInRequestResponse } from './endpoints/sign-in-request.ts';
import { exchangeToken, tokenBody, tokenResponse } from './endpoints/token.ts';
import { jwks, jwksResponse, metadata, metadataResponse } from './endpoints/well-known.ts';
import { clientRoute, type HttpRoute, publicRoute, userRoute } from './route.ts';

type RouteDeps = Pick<HttpAppDeps, 'config' | 'causes' | 'flows' | 'admin' | 'health' | 'jwks' | 'takesLoginFields'>;

/** The whole API. What a row leaves out: no body, status 200, `no-store`. */
export function createRoutes(deps: RouteDeps): readonly HttpRoute[] {
  const { config, causes, flows, admin, health, jwks: keys } = deps;
  const pkce = config.requirePkce;
  const credentials = loginBody(pkce, deps);
  const signUp = { firstParty: true, body: registerBody(pkce), response: codeResponse, status: 201 } as const;
  const form = 'json or form';
  const cache = 'public, max-age=60';
  const status = (answer: { status: string }) => (answer.status === 'ready' ? 200 : 503);
  return [
    publicRoute('POST', paths.register, { ...signUp, handle: register(flows) }),
    publicRoute('POST', paths.registration, { ...signUp, handle: register(flows) }),
    publicRoute('POST', paths.login, {
      firstParty: true,
      body: credentials,
      response: codeResponse,
      handle: login(flows),
    }),
    publicRoute('GET', paths.signInRequest, {
      query: signInRequest({ config, causes }),
      response: signInRequestResponse,
      handle: describeSignIn,
    }),
    publicRoute('POST', paths.oauthToken, {
      accepts: form,
      body: tokenBody(pkce),
      response: tokenResponse,
      handle: exchangeToken(flows),
    }),
    publicRoute('POST', paths.oauthRevoke, {
      accepts: form,
      body: revokeBody,
      response: revokeResponse,
      handle: revoke(flows),
    }),
    clientRoute('POST', paths.oauthIntrospect, {
      accepts: form,
      body: introspectBody,
      response: introspectResponse,
      handle: introspect(flows),
    }),
    userRoute('POST', paths.logout, { body: logoutBody, response: endedSessionsResponse, handle: logout(flows) }),
    userRoute('GET', paths.me, { response: currentUserResponse, handle: getCurrentUser(flows) }),
    userRoute('POST', paths.mePassword, {
      body: passwordBody,
      response: endedSessionsResponse,
      handle: changePassword(flows),
    }),
    userRoute('GET', paths.sessions, { response: sessionListResponse, handle: listSessions(flows) }),
    userRoute('DELETE', `${paths.sessions}/:id`, {
      params: sessionParams,
      response: endedSessionsResponse,
      handle: endSession(flows),
    }),
    ...adminRoutes(admin),
    publicRoute('GET', paths.metadata, { cache, response: metadataResponse, handle: metadata(config) }),
    publicRoute('GET', paths.jwks, { cache, response: jwksResponse, handle: jwks(keys) }),
    publicRoute('GET', paths.healthLive, { response: liveResponse, handle: getLiveness }),
    publicRoute('GET', paths.healthReady, { response: readyResponse, status, handle: getReadiness(health) }),
  ];
}
