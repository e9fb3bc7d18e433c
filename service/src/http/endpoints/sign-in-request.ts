import { codeChallengeSchema, keyThumbprintSchema, scopeSchema } from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { HttpAppDeps, HttpConfig } from '../deps.ts';
import { text } from './schemas.ts';

type Deps = Pick<HttpAppDeps, 'causes'> & { readonly config: Pick<HttpConfig, 'appUrls'> };

/**
 * What an app hands to `/signin`: an allowed URL, PKCE and `state`. Clients of OAuth send `redirect_uri` for `app`, and the
 * parameters of RFC 6749 §4.1.1, of which there is one value. What else is in the address is ignored.
 */
export const signInRequest = ({ config: { appUrls }, causes }: Deps) => {
  const isAllowed = (app: string): boolean => {
    if (appUrls.includes(app)) return true;
    causes.report('app_url_refused', { app: app.split(/[?#]/, 1)[0] });
    return false;
  };
  const appUrl = text(2_048).refine(isAllowed, 'is not one of the allowed URLs');
  return z
    .object({
      app: appUrl.optional(),
      redirect_uri: appUrl.optional(),
      client_id: text(256).optional(),
      response_type: z.literal('code').optional(),
      response_mode: z.literal('fragment').optional(),
      code_challenge: codeChallengeSchema,
      code_challenge_method: z.literal('S256'),
      state: text(1_024),
      dpop_jkt: keyThumbprintSchema.exactOptional(),
      scope: scopeSchema.exactOptional(),
      tenant: text(128).exactOptional(),
    })
    .refine(({ app, redirect_uri }) => (app ?? redirect_uri) !== undefined, { path: ['app'], error: 'is missing' })
    .refine(({ app, redirect_uri }) => (app ?? redirect_uri) === (redirect_uri ?? app), {
      ...{ path: ['redirect_uri'], error: 'is another name of app, and names another URL' },
    })
    .transform(({ client_id, response_type, response_mode, redirect_uri, app, ...request }) => {
      return { app: (app ?? redirect_uri)!, ...request };
    });
};

/** Origin that the user returns to. A custom scheme has no origin, so its URL is shown completely. */
export const describeSignIn = ({ query }: { query: z.output<ReturnType<typeof signInRequest>> }) => {
  const { origin, href } = new URL(query.app);
  return { origin: origin === 'null' ? href : origin, request: query };
};
