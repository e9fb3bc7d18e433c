import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type CauseLog, createCauseLog } from './cause-log.ts';
import { connectionCauses } from './connection-causes.ts';
import { routeCauses } from './route-causes.ts';
import { socketCauses } from './socket-causes.ts';

/** Every kind of refusal and failure of a backend that its developer or operator can change. docs/run/troubleshooting.md has a row for each. */
export const causes = { ...connectionCauses, ...routeCauses, ...socketCauses } as const;

/** A code of {@link causes}. */
export type CauseCode = keyof typeof causes;

/** The causes of one backend. */
export type Causes = CauseLog<CauseCode>;

/** Counts and logs the causes of one backend, or of one Socket.IO server. */
export function createCauses(deps: { readonly log: Logger; readonly clock: Clock }): Causes {
  return createCauseLog<CauseCode>({ ...deps, table: causes });
}
