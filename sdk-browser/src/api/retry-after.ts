import type { Failure } from '@latchkey/contract';
import type { PendingCall } from './pending-call.ts';

const minDelayMs = 100;

/**
 * Returns the delay before a refused call is sent again, in milliseconds. `undefined` without a key, without `retryAfterMs` of
 * the server, or when the deadline is earlier.
 */
export function retryDelayMs(call: PendingCall, { retryable, retryAfterMs }: Failure, now: number): number | undefined {
  if (call.key === undefined || !retryable || retryAfterMs === undefined) return undefined;
  const waitMs = Math.max(retryAfterMs, minDelayMs);
  return now + waitMs < call.deadline ? waitMs : undefined;
}

/** Returns the calls that a refusal delays. A rate limit delays all calls of that name with a key. */
export function callsToDelay(call: PendingCall, { code }: Failure, pending: Iterable<PendingCall>): PendingCall[] {
  if (code !== 'rate_limited') return [call];
  return [...pending].filter(({ key, api, name }) => key !== undefined && api === call.api && name === call.name);
}
