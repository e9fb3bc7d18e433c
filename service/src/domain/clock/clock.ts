/** What one read says of the clocks. Epoch milliseconds of the database. */
export interface ClockReading {
  readonly timeMs: number;
  /** The greatest time that was written down so far, at most {@link maxHighWaterAgeMs} old while a node runs. */
  readonly highWaterMs: number;
  /** How often signing keys were replaced because the clock of the database went back. */
  readonly resets: number;
}

/** What operators read of it. */
export type ClockEvent =
  /** The database's clock went back, and the signing keys were replaced by this node. */
  | { readonly kind: 'set_back'; readonly backMs: number; readonly kid: string }
  /** The wall clock of this machine is so far ahead of the database's; negative: behind. */
  | { readonly kind: 'machine_off'; readonly aheadMs: number }
  | { readonly kind: 'machine_right' };

/**
 * How old the written time may become, in ms. With `backwardToleranceMs` it is what goes back unseen when every process has
 * restarted: less than the 57 s by which an ended session is kept longer than its last token passes.
 */
export const maxHighWaterAgeMs = 20_000;

/** From here on the wall clock of this machine is reported, in ms. */
export const maxMachineOffsetMs = 30_000;
