/** What happened since the last writing. */
export interface TrafficCounts {
  readonly rotations: number;
  readonly logins: number;
}

/** One minute of the whole cluster. */
export interface MinuteCounts extends TrafficCounts {
  readonly at: Date;
  /** Live ones, counted once within the minute; `null`: no node counted. */
  readonly sessions: number | null;
}
