import { paths } from '@latchkey/contract';
import { adminRoutes } from './admin/routes.ts';
import { live, liveAnswer, ready, readyAnswer } from './health.ts';
import { introspect, introspectAnswer, introspectBody } from './introspect.ts';
import { codeAnswer, login, loginBody } from './login.ts';
import { endedAnswer, logout, logoutBody } from './logout.ts';
import { changePassword, me, meAnswer, passwordBody } from './me.ts';
import type { HttpDeps } from './needs.ts';
import { register, registerBody } from './register.ts';
import { revoke, revokeAnswer, revokeBody } from './revoke.ts';
import { bearer, client, open, type Route } from './route.ts';
import { endSession, listSessions, sessionParams, sessionsAnswer } from './sessions.ts';
import { describeSignIn, signInRequest, signInRequestAnswer } from './sign-in-request.ts';
import { token, tokenAnswer, tokenBody } from './token.ts';
import { jwks, jwksAnswer, metadata, metadataAnswer } from './well-known.ts';

type RouteDeps = Pick<HttpDeps, 'config' | 'causes' | 'flows' | 'admin' | 'health' | 'jwks' | 'takesLoginFields'>;

/** The whole API. What a row leaves out: no body, status 200, `no-store`. */
export function createRoutes(deps: RouteDeps): readonly Route[] {
  const { config, causes, flows, admin, health, jwks: keys } = deps;
  const pkce = config.requirePkce;
  const credentials = loginBody(pkce, deps);
  const signUp = { firstParty: true, body: registerBody(pkce), answer: codeAnswer, status: 201 } as const;
  const form = 'json or form';
  const cache = 'public, max-age=60';
  const status = (answer: { status: string }) => (answer.status === 'ready' ? 200 : 503);
  return [
    open('POST', paths.register, { ...signUp, handle: register(flows) }),
    open('POST', paths.registration, { ...signUp, handle: register(flows) }),
    open('POST', paths.login, { firstParty: true, body: credentials, answer: codeAnswer, handle: login(flows) }),
    open('GET', paths.signInRequest, {
      query: signInRequest({ config, causes }),
      answer: signInRequestAnswer,
      handle: describeSignIn,
    }),
    open('POST', paths.oauthToken, { accepts: form, body: tokenBody(pkce), answer: tokenAnswer, handle: token(flows) }),
    open('POST', paths.oauthRevoke, { accepts: form, body: revokeBody, answer: revokeAnswer, handle: revoke(flows) }),
    client('POST', paths.oauthIntrospect, {
      accepts: form,
      body: introspectBody,
      answer: introspectAnswer,
      handle: introspect(flows),
    }),
    bearer('POST', paths.logout, { body: logoutBody, answer: endedAnswer, handle: logout(flows) }),
    bearer('GET', paths.me, { answer: meAnswer, handle: me(flows) }),
    bearer('POST', paths.mePassword, { body: passwordBody, answer: endedAnswer, handle: changePassword(flows) }),
    bearer('GET', paths.sessions, { answer: sessionsAnswer, handle: listSessions(flows) }),
    bearer('DELETE', `${paths.sessions}/:id`, {
      params: sessionParams,
      answer: endedAnswer,
      handle: endSession(flows),
    }),
    ...adminRoutes(admin),
    open('GET', paths.metadata, { cache, answer: metadataAnswer, handle: metadata(config) }),
    open('GET', paths.jwks, { cache, answer: jwksAnswer, handle: jwks(keys) }),
    open('GET', paths.healthLive, { answer: liveAnswer, handle: live }),
    open('GET', paths.healthReady, { answer: readyAnswer, status, handle: ready(health) }),
  ];
}
