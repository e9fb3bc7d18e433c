import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { UserRouteCall } from '../route.ts';
import { timedAnswer } from './timed-answer.ts';

export const sessionParams = z.strictObject({ id: z.uuid() });

export const listSessions =
  (flows: Flows) =>
  ({ caller }: UserRouteCall) =>
    flows.listSessions(caller);

export const endSession =
  (flows: Flows) =>
  ({ caller, params, deadline }: UserRouteCall<unknown, z.output<typeof sessionParams>>) =>
    timedAnswer(flows, flows.endSession(caller, params.id, deadline()));
