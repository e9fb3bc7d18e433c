import { paths } from '@latchkey/contract';
import * as schemas from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { HttpAppDeps } from './deps.ts';
import { accountRoutes } from './endpoints/account-routes.ts';
import { adminRoutes } from './endpoints/admin/routes.ts';
import { getLiveness, getReadiness, liveResponse, readyResponse } from './endpoints/health.ts';
import { login, loginBody, register, registerBody } from './endpoints/login.ts';
import { mailRoutes } from './endpoints/mail-routes.ts';
import {
  anyQuery,
  introspectBody,
  logoutBody,
  passwordBody,
  revokeBody,
  sessionParams,
  text,
} from './endpoints/schemas.ts';
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
  /** An answer with the database's time as `now`. */
  const timed = async <Answer extends object>(answer: Promise<Answer>) => ({ ...(await answer), now: flows.now() });
  // RFC 6749 §3.2: parameters that are not known are ignored.
  const oauth = { accepts: 'json or form', query: anyQuery } as const;
  /** Documents without options: health checks and caches add keys of their own. */
  const document = { query: anyQuery } as const;
  const cache = 'public, max-age=60';
  const status = (answer: { status: string }) => (answer.status === 'ready' ? 200 : 503);
  return [
    ...[paths.register, paths.registration].map((path) =>
      publicRoute('POST', path, {
        firstParty: true,
        body: registerBody(pkce),
        response: schemas.registerResponseSchema,
        status: (answer) => ('code' in answer || 'url' in answer ? 201 : 202),
        handle: (call) => timed(register(flows)(call)),
      }),
    ),
    publicRoute('POST', paths.login, {
      firstParty: true,
      body: credentials,
      response: schemas.codeResponseSchema,
      handle: (call) => timed(login(flows)(call)),
    }),
    publicRoute('GET', paths.signInRequest, {
      query: signInRequest({ config, causes }),
      response: schemas.signInRequestResponseSchema,
      handle: describeSignIn,
    }),
    publicRoute('GET', paths.signInOptions, {
      query: z.strictObject({ tenant: text(128).optional() }),
      response: schemas.signInOptionsSchema,
      handle: ({ query }) => flows.getSignInOptions(query),
    }),
    publicRoute('GET', `${paths.brandLogos}/:file`, {
      ...document,
      params: z.object({ file: text(80) }),
      isImage: true,
      cache: 'public, max-age=31536000, immutable',
      response: z.object({ type: z.string(), bytes: z.instanceof(Buffer) }),
      handle: ({ params }) => flows.findLogo(params.file),
    }),
    publicRoute('POST', paths.oauthToken, {
      ...oauth,
      body: tokenBody(pkce),
      response: schemas.tokenResponseSchema,
      handle: exchangeToken(flows),
    }),
    publicRoute('POST', paths.oauthRevoke, {
      ...oauth,
      body: revokeBody,
      response: z.object({}),
      // A token that is unknown, or of a kind that cannot be revoked, is no error (RFC 7009 §2.2).
      handle: ({ body, deadline }) => flows.revoke(body.token, deadline()).then(() => ({})),
    }),
    clientRoute('POST', paths.oauthIntrospect, {
      ...oauth,
      body: introspectBody,
      response: schemas.introspectionSchema,
      handle: ({ client, body }) => flows.introspect(client, body.token),
    }),
    userRoute('POST', paths.logout, {
      body: logoutBody,
      response: schemas.endedSessionsSchema,
      handle: ({ caller, body, deadline }) =>
        timed(flows.logout(caller.sid, body.scope ?? 'session', deadline(body.asked_at))),
    }),
    userRoute('POST', paths.mePassword, {
      body: passwordBody,
      response: schemas.endedSessionsSchema,
      handle: ({ caller, body: { current_password: current, new_password: next, asked_at }, peer, deadline }) =>
        timed(flows.changePassword(caller, { current, next }, peer, deadline(asked_at))),
    }),
    userRoute('GET', paths.sessions, {
      response: schemas.sessionsResponseSchema,
      handle: ({ caller }) => flows.listSessions(caller),
    }),
    userRoute('DELETE', `${paths.sessions}/:id`, {
      params: sessionParams,
      response: schemas.endedSessionsSchema,
      handle: ({ caller, params, deadline }) => timed(flows.endSession(caller, params.id, deadline())),
    }),
    ...accountRoutes({ flows, timed }),
    ...mailRoutes({ flows, pkce, timed }),
    ...adminRoutes(admin),
    publicRoute('GET', paths.metadata, { ...document, cache, response: metadataResponse, handle: metadata(config) }),
    publicRoute('GET', paths.jwks, { ...document, cache, response: jwksResponse, handle: jwks(keys) }),
    publicRoute('GET', paths.healthLive, { ...document, response: liveResponse, handle: getLiveness }),
    publicRoute('GET', paths.healthReady, {
      ...document,
      response: readyResponse,
      status,
      handle: getReadiness(health),
    }),
  ];
}
