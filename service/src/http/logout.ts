import { logoutScopes } from '@latchkey/contract';
import { z } from 'zod';
import type { Flows } from '../flow/flows.ts';
import type { SignedCall } from './route.ts';

export const logoutBody = z.strictObject({ scope: z.enum(logoutScopes).optional() });

/** How many sessions were ended. */
export const endedAnswer = z.object({ ended: z.number() });

export const logout =
  (flows: Flows) =>
  ({ caller, body }: SignedCall<z.output<typeof logoutBody>>) =>
    flows.logout(caller.sid, body.scope ?? 'session');
