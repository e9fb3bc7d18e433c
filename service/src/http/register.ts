import { z } from 'zod';
import type { Flows } from '../flow/flows.ts';
import { pkceMistake, pkceRule, signInFields, toLoginInput } from './login.ts';
import type { Call } from './route.ts';
import { profile, text } from './shapes.ts';

export const registerBody = (requirePkce: boolean) =>
  z
    .strictObject({ ...signInFields, profile: profile.optional(), operator_invite: text(128).optional() })
    .refine(pkceRule(requirePkce), pkceMistake);

export const register =
  (flows: Flows) =>
  async ({ body, peer, deadline }: Call<z.output<ReturnType<typeof registerBody>>>) => {
    const input = { ...toLoginInput(body), profile: body.profile, operatorInvite: body.operator_invite };
    return { ...(await flows.register(input, peer, deadline())), now: flows.now() };
  };
