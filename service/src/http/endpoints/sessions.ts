import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { UserRouteCall } from '../route.ts';
import { timedAnswer } from './timed-answer.ts';

const sessionView = z.object({
  id: z.string(),
  browser: z.string(),
  address_prefix: z.string().nullable(),
  created_at: z.string(),
  last_active_at: z.string(),
  expires_at: z.string(),
  online: z.boolean(),
  current: z.boolean(),
});

export const sessionListResponse = z.object({ sessions: z.array(sessionView) });

export const sessionParams = z.strictObject({ id: z.uuid() });

export const listSessions =
  (flows: Flows) =>
  ({ caller }: UserRouteCall) =>
    flows.listSessions(caller);

export const endSession =
  (flows: Flows) =>
  ({ caller, params, deadline }: UserRouteCall<unknown, z.output<typeof sessionParams>>) =>
    timedAnswer(flows, flows.endSession(caller, params.id, deadline()));
