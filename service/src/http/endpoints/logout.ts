import { logoutScopes } from '@latchkey/contract';
import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { UserRouteCall } from '../route.ts';
import { askedAt, timestampFields } from './schemas.ts';
import { timedAnswer } from './timed-answer.ts';

export const logoutBody = z.strictObject({ scope: z.enum(logoutScopes).optional(), asked_at: askedAt });

/** How many sessions were ended. */
export const endedSessionsResponse = z.object({ ended: z.number(), ...timestampFields });

export const logout =
  (flows: Flows) =>
  ({ caller, body, deadline }: UserRouteCall<z.output<typeof logoutBody>>) =>
    timedAnswer(flows, flows.logout(caller.sid, body.scope ?? 'session', deadline(body.asked_at)));
