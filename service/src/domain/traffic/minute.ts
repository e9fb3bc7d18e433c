/** What happened since the last writing. */
export interface Tally {
  readonly rotations: number;
  readonly logins: number;
}

/** One minute of the whole cluster. */
export interface Minute extends Tally {
  readonly at: Date;
  /** Live ones, counted once within the minute; `null`: no node counted. */
  readonly sessions: number | null;
}
