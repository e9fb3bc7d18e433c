import type { EndReason } from '@latchkey/contract';
import { withTimeout } from '@latchkey/core/internal';
import type { FlowContext } from './context.ts';

/** Longer than a read of the feed takes, and short enough for an answer over HTTP. */
const timeoutMs = 500;

/** Sessions that a commit has just ended. */
export interface RevokedSessions {
  readonly sids: readonly string[];
  readonly reason: EndReason;
}

/**
 * Resolves once this node has read the ends that were just committed, so that it refuses their access tokens before the
 * caller gets an answer. Other nodes read them on their own. If the feed cannot be read now, it resolves after `timeoutMs`, and
 * this node knows of `ended` all the same.
 */
export async function awaitRevocations(
  { feed, clock }: Pick<FlowContext, 'clock' | 'feed'>,
  ...ended: readonly RevokedSessions[]
): Promise<void> {
  for (const { sids, reason } of ended) for (const sid of sids) feed.expect(sid, reason);
  await withTimeout(clock, timeoutMs, feed.catchUp(), () => {});
}
