import type { Actor } from '../../src/flow/admin/actor.ts';
import { inTime } from '../deadlines.ts';

/** A backend that may do everything; each read of its deadline is in time. */
export const backendActor: Actor = actorOf({ backendId: 'b' });

/** The same with other facts, for example of one tenant or of an operator. */
export function actorOf(facts: Partial<Omit<Actor, 'deadline'>>): Actor {
  return {
    ...{ userId: null, backendId: null, tenantId: null, scopes: null, addressPrefix: null, ...facts },
    get deadline() {
      return inTime();
    },
  };
}
