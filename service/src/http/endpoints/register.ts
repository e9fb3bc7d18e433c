import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { RouteCall } from '../route.ts';
import { isPkceComplete, pkceError, signInFields, toLoginRequest } from './login.ts';
import { profile, text } from './schemas.ts';
import { timedAnswer } from './timed-answer.ts';

export const registerBody = (requirePkce: boolean) =>
  z
    .strictObject({ ...signInFields, profile: profile.optional(), operator_invite: text(128).optional() })
    .refine(isPkceComplete(requirePkce), pkceError);

export const register =
  (flows: Flows) =>
  ({ body, peer, deadline }: RouteCall<z.output<ReturnType<typeof registerBody>>>) => {
    const input = { ...toLoginRequest(body), profile: body.profile, operatorInvite: body.operator_invite };
    return timedAnswer(flows, flows.register(input, peer, deadline()));
  };
