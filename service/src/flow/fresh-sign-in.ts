import { fail } from '@latchkey/contract';
import type { FlowContext } from './context.ts';
import type { Caller } from './types.ts';

/** @throws reauthentication_required the caller signed in longer ago than this */
export function assertFreshSignIn(
  { databaseClock }: Pick<FlowContext, 'databaseClock'>,
  { authTime }: Pick<Caller, 'authTime'>,
  maxAgeSeconds: number,
): void {
  if (databaseClock.now() / 1_000 - authTime > maxAgeSeconds) throw fail('reauthentication_required');
}
