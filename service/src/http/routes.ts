import { paths } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import { requestViewSchema } from '../base/request-view.ts';
import type { HttpAppDeps, HttpConfig } from './deps.ts';
import { accountRoutes } from './endpoints/account-routes.ts';
import { adminRoutes } from './endpoints/admin/routes.ts';
import { getLiveness, getReadiness, liveResponse, readyResponse, readyStatus } from './endpoints/health.ts';
import { login, loginBody, register, registerBody, signUpStatus } from './endpoints/login.ts';
import { mailRoutes } from './endpoints/mail-routes.ts';
import { describeRequest, probeBody } from './endpoints/request-probe.ts';
import {
  anyQuery,
  introspectBody,
  logoutBody,
  passwordBody,
  revokeBody,
  sessionParams,
  text,
} from './endpoints/schemas.ts';
import { signInErrors, signUpErrors, tokenErrors } from './endpoints/sign-in-errors.ts';
import { describeSignIn, signInRequest } from './endpoints/sign-in-request.ts';
import { exchangeToken, tokenBody } from './endpoints/token.ts';
import { jwks, jwksResponse, metadata, metadataResponse } from './endpoints/well-known.ts';
import { clientRoute, type HttpRoute, publicRoute, userRoute } from './route.ts';

export interface RouteDeps
  extends Pick<HttpAppDeps, 'causes' | 'flows' | 'admin' | 'health' | 'jwks' | 'takesLoginFields'> {
  readonly config: Pick<HttpConfig, 'appUrls' | 'issuer' | 'production' | 'publicUrl' | 'requirePkce'>;
}

/** The whole API. What a row leaves out: no body, status 200, `no-store`. */
export function createRoutes(deps: RouteDeps): readonly HttpRoute[] {
  const { config, causes, flows, admin, health, jwks: keys } = deps;
  const pkce = config.requirePkce;
  const credentials = loginBody(pkce, deps);
  /** An answer with the database's time as `now`. */
  const timed = async <Answer extends object>(answer: Promise<Answer>) => ({ ...(await answer), now: flows.now() });
  // RFC 6749 §3.2: parameters that are not known are ignored.
  const oauth = { accepts: 'json or form', query: anyQuery } as const;
  /** Documents without options: health checks and caches add keys of their own. */
  const document = { query: anyQuery } as const;
  const cache = 'public, max-age=60';
  const signUp = {
    errors: signUpErrors,
    firstParty: true,
    body: registerBody(pkce),
    response: schemas.registerResponseSchema,
    status: signUpStatus,
    handle: (call: Parameters<ReturnType<typeof register>>[0]) => timed(register(flows)(call)),
  } as const;
  return [
    publicRoute('POST', paths.register, {
      operationId: 'register',
      summary: 'Signs up by address and password',
      ...signUp,
    }),
    publicRoute('POST', paths.registration, {
      operationId: 'registration',
      summary: 'Signs up under the former path of `/register`',
      ...signUp,
    }),
    publicRoute('POST', paths.login, {
      operationId: 'login',
      summary: 'Signs in by address and password',
      errors: [...signInErrors, 'email_unverified'],
      firstParty: true,
      body: credentials,
      response: schemas.codeResponseSchema,
      handle: (call) => timed(login(flows)(call)),
    }),
    publicRoute('GET', paths.signInRequest, {
      operationId: 'describeSignInRequest',
      summary: 'Checks the parameters of a redirect sign-in',
      query: signInRequest({ config, causes }),
      response: schemas.signInRequestResponseSchema,
      handle: describeSignIn,
    }),
    publicRoute('GET', paths.signInOptions, {
      operationId: 'getSignInOptions',
      summary: 'Returns the ways to sign in to a tenant',
      errors: ['tenant_unknown'],
      query: z.strictObject({ tenant: text(128).optional() }),
      response: schemas.signInOptionsSchema,
      handle: ({ query }) => flows.getSignInOptions(query),
    }),
    publicRoute('GET', `${paths.brandLogos}/:file`, {
      operationId: 'getLogo',
      summary: 'Returns the logo of a tenant',
      errors: ['not_found'],
      ...document,
      params: z.object({ file: text(80) }),
      isImage: true,
      cache: 'public, max-age=31536000, immutable',
      response: z.object({ type: z.string(), bytes: z.instanceof(Buffer) }),
      handle: ({ params }) => flows.findLogo(params.file),
    }),
    publicRoute('POST', paths.oauthToken, {
      operationId: 'exchangeToken',
      summary: 'Redeems a code, or rotates a session token (RFC 6749)',
      errors: tokenErrors,
      ...oauth,
      body: tokenBody(pkce),
      response: schemas.tokenResponseSchema,
      handle: exchangeToken(flows),
    }),
    publicRoute('POST', paths.oauthRevoke, {
      operationId: 'revokeToken',
      summary: 'Ends the session of a token (RFC 7009)',
      ...oauth,
      body: revokeBody,
      response: z.object({}),
      // A token that is unknown, or of a kind that cannot be revoked, is no error (RFC 7009 §2.2).
      handle: ({ body, deadline }) => flows.revoke(body.token, deadline()).then(() => ({})),
    }),
    clientRoute('POST', paths.oauthIntrospect, {
      operationId: 'introspectToken',
      summary: 'Returns the state and the claims of a token (RFC 7662)',
      errors: ['forbidden'],
      ...oauth,
      body: introspectBody,
      response: schemas.introspectionSchema,
      handle: ({ client, body }) => flows.introspect(client, body.token),
    }),
    userRoute('POST', paths.logout, {
      operationId: 'logout',
      summary: 'Ends the session of the caller, its others, or all',
      body: logoutBody,
      response: schemas.endedSessionsSchema,
      handle: ({ caller, body, deadline }) =>
        timed(flows.logout(caller.sid, body.scope ?? 'session', deadline(body.asked_at))),
    }),
    userRoute('POST', paths.mePassword, {
      operationId: 'changePassword',
      summary: 'Replaces the password and ends the other sessions',
      errors: ['reauthentication_required', 'invalid_credentials', 'user_disabled', 'weak_password', 'rate_limited'],
      body: passwordBody,
      response: schemas.endedSessionsSchema,
      handle: ({ caller, body: { current_password: current, new_password: next, asked_at }, peer, deadline }) =>
        timed(flows.changePassword(caller, { current, next }, peer, deadline(asked_at))),
    }),
    userRoute('GET', paths.sessions, {
      operationId: 'listSessions',
      summary: 'Lists the sessions of the caller',
      response: schemas.sessionsResponseSchema,
      handle: ({ caller }) => flows.listSessions(caller),
    }),
    userRoute('DELETE', `${paths.sessions}/:id`, {
      operationId: 'endSession',
      summary: 'Ends one session of the caller',
      errors: ['not_found'],
      params: sessionParams,
      response: schemas.endedSessionsSchema,
      handle: ({ caller, params, deadline }) => timed(flows.endSession(caller, params.id, deadline())),
    }),
    ...accountRoutes({ flows, timed }),
    ...mailRoutes({ flows, pkce, timed }),
    ...adminRoutes(admin),
    publicRoute('GET', paths.metadata, {
      operationId: 'getServerMetadata',
      summary: 'Returns the metadata of the authorization server (RFC 8414)',
      ...document,
      cache,
      response: metadataResponse,
      handle: metadata(config),
    }),
    publicRoute('GET', paths.jwks, {
      operationId: 'getKeySet',
      summary: 'Returns the public keys of access tokens (RFC 7517)',
      ...document,
      cache,
      response: jwksResponse,
      handle: jwks(keys),
    }),
    publicRoute('GET', paths.healthLive, {
      operationId: 'getLiveness',
      summary: 'Answers while the process runs',
      ...document,
      response: liveResponse,
      handle: getLiveness,
    }),
    publicRoute('GET', paths.healthReady, {
      operationId: 'getReadiness',
      summary: 'Answers 200 while the node can serve, and else 503',
      ...document,
      response: readyResponse,
      status: readyStatus,
      handle: getReadiness(health),
    }),
    publicRoute('POST', paths.requestProbe, {
      operationId: 'describeRequest',
      summary: 'Returns how the node sees this request, to a caller that has its secret',
      errors: ['unauthenticated'],
      body: probeBody,
      response: requestViewSchema,
      handle: describeRequest(flows),
    }),
  ];
}
