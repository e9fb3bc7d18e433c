import { paths } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import type { HttpAppDeps } from './deps.ts';
import { adminRoutes } from './endpoints/admin/routes.ts';
import { getLiveness, getReadiness, liveResponse, readyResponse } from './endpoints/health.ts';
import { introspect, introspectBody } from './endpoints/introspect.ts';
import { login, loginBody } from './endpoints/login.ts';
import { logout, logoutBody } from './endpoints/logout.ts';
import { changePassword, getCurrentUser, passwordBody } from './endpoints/me.ts';
import { register, registerBody } from './endpoints/register.ts';
import { revoke, revokeBody, revokeResponse } from './endpoints/revoke.ts';
import { endSession, listSessions, sessionParams } from './endpoints/sessions.ts';
import { describeSignIn, signInRequest } from './endpoints/sign-in-request.ts';
import { exchangeToken, tokenBody } from './endpoints/token.ts';
import { jwks, jwksResponse, metadata, metadataResponse } from './endpoints/well-known.ts';
import { clientRoute, type HttpRoute, publicRoute, userRoute } from './route.ts';

type RouteDeps = Pick<HttpAppDeps, 'config' | 'causes' | 'flows' | 'admin' | 'health' | 'jwks' | 'takesLoginFields'>;

/** The whole API. What a row leaves out: no body, status 200, `no-store`. */
export function createRoutes(deps: RouteDeps): readonly HttpRoute[] {
  const { config, causes, flows, admin, health, jwks: keys } = deps;
  const pkce = config.requirePkce;
  const credentials = loginBody(pkce, deps);
  const signUp = {
    firstParty: true,
    body: registerBody(pkce),
    response: schemas.codeResponseSchema,
    status: 201,
  } as const;
  const form = 'json or form';
  const cache = 'public, max-age=60';
  const status = (answer: { status: string }) => (answer.status === 'ready' ? 200 : 503);
  return [
    publicRoute('POST', paths.register, { ...signUp, handle: register(flows) }),
    publicRoute('POST', paths.registration, { ...signUp, handle: register(flows) }),
    publicRoute('POST', paths.login, {
      firstParty: true,
      body: credentials,
      response: schemas.codeResponseSchema,
      handle: login(flows),
    }),
    publicRoute('GET', paths.signInRequest, {
      query: signInRequest({ config, causes }),
      response: schemas.signInRequestResponseSchema,
      handle: describeSignIn,
    }),
    publicRoute('POST', paths.oauthToken, {
      accepts: form,
      body: tokenBody(pkce),
      response: schemas.tokenResponseSchema,
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
      response: schemas.introspectionSchema,
      handle: introspect(flows),
    }),
    userRoute('POST', paths.logout, { body: logoutBody, response: schemas.endedSessionsSchema, handle: logout(flows) }),
    userRoute('GET', paths.me, { response: schemas.currentUserSchema, handle: getCurrentUser(flows) }),
    userRoute('POST', paths.mePassword, {
      body: passwordBody,
      response: schemas.endedSessionsSchema,
      handle: changePassword(flows),
    }),
    userRoute('GET', paths.sessions, { response: schemas.sessionsResponseSchema, handle: listSessions(flows) }),
    userRoute('DELETE', `${paths.sessions}/:id`, {
      params: sessionParams,
      response: schemas.endedSessionsSchema,
      handle: endSession(flows),
    }),
    ...adminRoutes(admin),
    publicRoute('GET', paths.metadata, { cache, response: metadataResponse, handle: metadata(config) }),
    publicRoute('GET', paths.jwks, { cache, response: jwksResponse, handle: jwks(keys) }),
    publicRoute('GET', paths.healthLive, { response: liveResponse, handle: getLiveness }),
    publicRoute('GET', paths.healthReady, { response: readyResponse, status, handle: getReadiness(health) }),
  ];
}
