import type { EndReason } from '@latchkey/contract';

/**
 * Which sessions end after a failover whose lost commits no node can name: `uncovered` all, when no node was connected
 * throughout; `end` all, also when one node is missing; `keep` none.
 */
export type LostTailPolicy = 'end' | 'uncovered' | 'keep';

/** What one read of the revocation list says about the database server. */
export interface ServerReading {
  /** `system_identifier.timeline` of the server. */
  readonly epoch: string;
  /** The epoch in which sessions are judged. */
  readonly served: string;
  /** The server's clock, in epoch ms. */
  readonly timeMs: number;
}

/** A session that a node knows as ended, while the database does not. */
export interface UnwrittenEnd {
  readonly sid: string;
  readonly reason: EndReason;
}

/** What is known about a failover once sessions are judged again. */
export interface FailoverReport {
  readonly from: string;
  readonly to: string;
  /** Nodes that wrote back what they knew. */
  readonly reported: number;
  /** Nodes that were connected shortly before, and did not report in time. */
  readonly missing: number;
  /** A node that reported was connected throughout the lost commits: every acknowledged end is known. */
  readonly covered: boolean;
  /** Acknowledged ends that were lost, and are written back. */
  readonly ends: number;
  /** Sessions that ended because no node knows whether they had ended. */
  readonly unknown: number;
  readonly closedSeconds: number;
}

/** What an operator should read in the log. */
export type FailoverEvent =
  | { readonly kind: 'began'; readonly from: string; readonly to: string }
  | { readonly kind: 'ended'; readonly report: FailoverReport }
  /** Another node let sessions be judged again, or had done so before this node came. */
  | { readonly kind: 'joined'; readonly to: string; readonly ends: number };
