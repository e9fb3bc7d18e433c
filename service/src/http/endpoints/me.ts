import { z } from 'zod';
import type { Flows } from '../../flow/flows.ts';
import type { UserRouteCall } from '../route.ts';
import { password } from './login.ts';
import { askedAt } from './schemas.ts';
import { timedAnswer } from './timed-answer.ts';

export const passwordBody = z.strictObject({ current_password: password, new_password: password, asked_at: askedAt });

export const getCurrentUser =
  (flows: Flows) =>
  ({ caller }: UserRouteCall) =>
    flows.getCurrentUser(caller);

export const changePassword =
  (flows: Flows) =>
  ({ caller, body, peer, deadline }: UserRouteCall<z.output<typeof passwordBody>>) => {
    const input = { current: body.current_password, next: body.new_password };
    return timedAnswer(flows, flows.changePassword(caller, input, peer, deadline(body.asked_at)));
  };
