import { type EndReason, maxAccessTokenSeconds } from '@latchkey/contract';

/** A session that ended before its access tokens did. */
export interface Revocation {
  readonly seq: number;
  readonly sid: string;
  readonly reason: EndReason;
  /** Until when an access token of the session could be accepted somewhere, in epoch ms of the database. */
  readonly untilMs: number;
}

/** A hint without data: listeners read the table. */
export const revocationChannel = 'latchkey_blacklist';

/** How far clocks of backends may be off, in seconds. */
const clockSkewSeconds = 30;

/**
 * How long a row is kept, in seconds: the longest access token, skew on both sides, and the longest statement. It does not follow
 * the setting: tokens from before a shorter life was set, and those of nodes with another setting, are covered as well.
 */
export const retentionSeconds = Math.ceil(maxAccessTokenSeconds * 1.05) + 2 * clockSkewSeconds + 2;

/** How long a retired signing key verifies, in seconds; for the same reason not by the setting. */
export const keyOverlapSeconds = maxAccessTokenSeconds * 1.05 + 2 * clockSkewSeconds;

/**
 * The end of every statement that ends sessions: numbers the rows of the CTE `dead(sid, t, revoke_reason, rn, n)`
 * without gaps and in commit order (the head's row is the last lock taken), and sends one hint.
 *
 * @param interval SQL of how long the rows are kept, for instance `$11::interval`
 */
export function appendRevocations(interval: string): string {
  return `
    head AS (UPDATE blacklist_head SET seq = seq + (SELECT count(*) FROM dead)
      WHERE EXISTS (SELECT FROM dead) RETURNING seq),
    feed AS (INSERT INTO blacklist (seq, sid, reason, created_at, expires_at)
      SELECT head.seq - n + rn, sid, revoke_reason, t, t + ${interval} FROM dead, head RETURNING seq),
    note AS (SELECT pg_notify('${revocationChannel}', max(seq)::text) FROM feed HAVING max(seq) IS NOT NULL)`;
}
