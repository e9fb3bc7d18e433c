import { z } from 'zod';
import type { Flows, LoginInput } from '../flow/flows.ts';
import type { Call } from './route.ts';
import { codeChallenge, keyThumbprint, scope, text, timed } from './shapes.ts';

const passwordBytes = 1_024;

/** Any text; its worth is the flow's to judge. Longer than the limit of the rules is never hashed. */
export const password = text(passwordBytes).refine((value) => Buffer.byteLength(value) <= passwordBytes, 'is too long');

/** Fields that sign-in and sign-up share. Unknown keys are refused by whoever makes an object of them. */
export const signInFields = {
  email: text(254),
  password,
  tenant: text(128).optional(),
  code_challenge: codeChallenge.optional(),
  code_challenge_method: z.literal('S256').optional(),
  dpop_jkt: keyThumbprint.optional(),
  scope: scope.optional(),
  app: text(2_048).optional(),
  state: text(1_024).optional(),
};

interface Pkce {
  readonly code_challenge?: string | undefined;
  readonly code_challenge_method?: 'S256' | undefined;
}

/** PKCE whole or, where the operator allows it, not at all: half of it is a mistake or a downgrade. */
export const pkceRule =
  (required: boolean) =>
  ({ code_challenge, code_challenge_method }: Pkce): boolean =>
    code_challenge === undefined ? !required && code_challenge_method === undefined : code_challenge_method === 'S256';

export const pkceMistake = {
  path: ['code_challenge'],
  message: 'code_challenge and code_challenge_method S256 have to come together',
};

export const loginBody = (requirePkce: boolean) =>
  z.strictObject(signInFields).refine(pkceRule(requirePkce), pkceMistake);

/** A code, or with `app` the URL that carries it in its fragment. */
export const codeAnswer = z.union([
  z.object({ code: z.string(), expires_in: z.number(), ...timed }),
  z.object({ url: z.string(), expires_in: z.number(), ...timed }),
]);

type LoginBody = z.output<ReturnType<typeof loginBody>>;

export function toLoginInput(body: LoginBody): LoginInput {
  const { code_challenge: codeChallenge, dpop_jkt: keyThumbprint, email, password, tenant, scope, app, state } = body;
  return { email, password, tenant, codeChallenge, keyThumbprint, scope, app, state };
}

export const login =
  (flows: Flows) =>
  async ({ body, peer }: Call<LoginBody>) => ({ ...(await flows.login(toLoginInput(body), peer)), now: flows.now() });
