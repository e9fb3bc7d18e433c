import { logoutScopes } from '@latchkey/contract';
import { z } from 'zod';
import type { Flows } from '../flow/flows.ts';
import type { SignedCall } from './route.ts';
import { timed } from './shapes.ts';

export const logoutBody = z.strictObject({ scope: z.enum(logoutScopes).optional() });

/** How many sessions were ended. */
export const endedAnswer = z.object({ ended: z.number(), ...timed });

export const logout =
  (flows: Flows) =>
  async ({ caller, body }: SignedCall<z.output<typeof logoutBody>>) => ({
    ...(await flows.logout(caller.sid, body.scope ?? 'session')),
    now: flows.now(),
  });
