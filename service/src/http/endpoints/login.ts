import type * as Contract from '@latchkey/contract';
import {
  codeChallengeSchema,
  codeResponseSchema,
  keyThumbprintSchema,
  mailSecretSchema,
  mailSentResponseSchema,
  scopeSchema,
} from '@latchkey/contract/schemas';
import { z } from 'zod';
import { isProfile } from '../../base/profile-values.ts';
import type { Flows } from '../../flow/flows.ts';
import type { LoginRequest, SignInTarget } from '../../flow/types.ts';
import type { RouteCall } from '../route.ts';
import { password, profile, text } from './schemas.ts';

/** What a sign-in is for. */
export const signInTargetFields = {
  code_challenge: codeChallengeSchema.optional(),
  code_challenge_method: z.literal('S256').optional(),
  dpop_jkt: keyThumbprintSchema.optional(),
  scope: scopeSchema.optional(),
  app: text(2_048).optional(),
  state: text(1_024).optional(),
};

/** Fields that sign-in and sign-up share. The object schemas that use them refuse unknown keys. */
const signInFields = {
  email: text(254),
  password,
  tenant: text(128).optional(),
  ...signInTargetFields,
} satisfies { [K in keyof Contract.LoginBody]-?: z.ZodType<Contract.LoginBody[K]> };

interface Pkce {
  readonly code_challenge?: string | undefined;
  readonly code_challenge_method?: 'S256' | undefined;
}

/** PKCE whole or, where the operator allows it, not at all: half of it is a mistake or a downgrade. */
export const isPkceComplete =
  (required: boolean) =>
  ({ code_challenge, code_challenge_method }: Pkce): boolean =>
    code_challenge === undefined ? !required && code_challenge_method === undefined : code_challenge_method === 'S256';

export const pkceError = {
  path: ['code_challenge'],
  message: 'code_challenge and code_challenge_method S256 have to come together',
};

/**
 * @param takesLoginFields whether further fields are taken, which reach the hook `findUserByCredentials`; together they are as
 *   small as a profile
 */
export const loginBody = (
  requirePkce: boolean,
  { takesLoginFields = false }: { readonly takesLoginFields?: boolean } = {},
) =>
  (takesLoginFields ? z.looseObject(signInFields) : z.strictObject<typeof signInFields>(signInFields))
    .refine(isPkceComplete(requirePkce), pkceError)
    .refine((body) => isProfile(furtherFields(body)), { message: 'has too many or too large further fields' });

export const registerBody = (requirePkce: boolean) =>
  z
    .strictObject({
      ...signInFields,
      profile: profile.optional(),
      ticket: mailSecretSchema.optional(),
      operator_invite: text(128).optional(),
    })
    .refine(isPkceComplete(requirePkce), pkceError);

type SignInBody = z.output<z.ZodObject<typeof signInFields>>;
type LoginBody = z.output<ReturnType<typeof loginBody>>;
type RegisterBody = z.output<ReturnType<typeof registerBody>>;

type SignInTargetBody = z.output<z.ZodObject<typeof signInTargetFields>>;

export function toSignInTarget(body: SignInTargetBody): SignInTarget {
  const { code_challenge: codeChallenge, dpop_jkt: keyThumbprint, scope, app, state } = body;
  return { codeChallenge, keyThumbprint, scope, app, state };
}

function toLoginRequest(body: SignInBody): LoginRequest {
  const { email, password, tenant } = body;
  return { email, password, tenant, ...toSignInTarget(body) };
}

function furtherFields(body: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !Object.hasOwn(signInFields, name)));
}

export const login =
  (flows: Flows) =>
  ({ body, peer }: RouteCall<LoginBody>) =>
    flows.login({ ...toLoginRequest(body), fields: furtherFields(body) }, peer);

export const register =
  (flows: Flows) =>
  ({ body, peer, deadline }: RouteCall<RegisterBody>) => {
    const input = {
      ...toLoginRequest(body),
      profile: body.profile,
      ticket: body.ticket,
      operatorInvite: body.operator_invite,
    };
    return flows.register(input, peer, deadline());
  };

/** 202: the address has to be verified first, and there is no user yet. */
export const signUpStatus = {
  answers: { 201: codeResponseSchema, 202: mailSentResponseSchema },
  choose: (answer: Contract.CodeResponse | Contract.MailSentResponse) =>
    'code' in answer || 'url' in answer ? 201 : 202,
};
