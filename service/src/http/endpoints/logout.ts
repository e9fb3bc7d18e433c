import { logoutScopeSchema } from '@latchkey/contract/schemas';
import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { UserRouteCall } from '../route.ts';
import { askedAt } from './schemas.ts';
import { timedAnswer } from './timed-answer.ts';

export const logoutBody = z.strictObject({ scope: logoutScopeSchema.optional(), asked_at: askedAt });

export const logout =
  (flows: Flows) =>
  ({ caller, body, deadline }: UserRouteCall<z.output<typeof logoutBody>>) =>
    timedAnswer(flows, flows.logout(caller.sid, body.scope ?? 'session', deadline(body.asked_at)));
