import type { FlowContext } from './context.ts';

/** The database's time in whole ms, which answers carry as `now`; `undefined` before it was read. */
export function now({ databaseClock }: Pick<FlowContext, 'databaseClock'>): number | undefined {
  return databaseClock.isKnown ? Math.floor(databaseClock.now()) : undefined;
}
