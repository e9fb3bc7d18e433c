import { z } from 'zod';
import type { HttpConfig } from './needs.ts';
import { codeChallenge, keyThumbprint, scope, text } from './shapes.ts';

/** What an app hands to `/signin`: exact URL, PKCE and `state` are a must; what else stands in the address is ignored. */
export const signInRequest = ({ appUrls }: Pick<HttpConfig, 'appUrls'>) =>
  z.object({
    app: text(2_048).refine((app) => appUrls.includes(app), 'is not one of the allowed URLs'),
    code_challenge: codeChallenge,
    code_challenge_method: z.literal('S256'),
    state: text(1_024),
    dpop_jkt: keyThumbprint.optional(),
    scope: scope.optional(),
    tenant: text(128).optional(),
  });

/** The request as it may be sent on to `/login` or `/register`, and the origin that people are told. */
export const signInRequestAnswer = z.object({
  origin: z.string(),
  request: z.object({
    app: z.string(),
    code_challenge: z.string(),
    code_challenge_method: z.literal('S256'),
    state: z.string(),
    dpop_jkt: z.string().optional(),
    scope: z.string().optional(),
    tenant: z.string().optional(),
  }),
});

/** Where somebody who signs in is going to be sent; an app's own scheme has no origin and is shown whole. */
export const describeSignIn = ({ query }: { query: z.output<ReturnType<typeof signInRequest>> }) => {
  const { origin, href } = new URL(query.app);
  return { origin: origin === 'null' ? href : origin, request: query };
};
