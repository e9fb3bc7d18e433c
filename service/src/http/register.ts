import { z } from 'zod';
import type { Flows } from '../flow/flows.ts';
import { pkceMistake, pkceRule, signInFields, toLoginInput } from './login.ts';
import type { Call } from './route.ts';
import { profile, text } from './shapes.ts';
import { timedAnswer } from './timed-answer.ts';

export const registerBody = (requirePkce: boolean) =>
  z
    .strictObject({ ...signInFields, profile: profile.optional(), operator_invite: text(128).optional() })
    .refine(pkceRule(requirePkce), pkceMistake);

export const register =
  (flows: Flows) =>
  ({ body, peer, deadline }: Call<z.output<ReturnType<typeof registerBody>>>) => {
    const input = { ...toLoginInput(body), profile: body.profile, operatorInvite: body.operator_invite };
    return timedAnswer(flows, flows.register(input, peer, deadline()));
  };
