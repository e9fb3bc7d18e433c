import type { Failure } from '@latchkey/contract';
import type { PendingCall } from './pending-call.ts';

const minDelayMs = 100;

/**
 * For how long a refused call waits for its next try, in milliseconds: only one with a key, of which the server said
 * that and when trying again helps, and not beyond its deadline.
 */
export function retryDelayMs(call: PendingCall, { retryable, retryAfterMs }: Failure, now: number): number | undefined {
  if (call.key === undefined || !retryable || retryAfterMs === undefined) return undefined;
  const waitMs = Math.max(retryAfterMs, minDelayMs);
  return now + waitMs < call.deadline ? waitMs : undefined;
}

/** The calls that a refusal holds back: all with a key and of its name, where each would use up the same allowance. */
export function callsToDelay(call: PendingCall, { code }: Failure, pending: Iterable<PendingCall>): PendingCall[] {
  if (code !== 'rate_limited') return [call];
  return [...pending].filter(({ key, api, name }) => key !== undefined && api === call.api && name === call.name);
}
