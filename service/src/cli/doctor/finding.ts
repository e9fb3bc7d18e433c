/** Result of a check. `skipped`: it could not be done, for the reason in the message. */
type Outcome = 'ok' | 'warning' | 'failed' | 'skipped';

/** What a check found, in one line, and what to change. */
export interface Finding {
  readonly outcome: Outcome;
  readonly message: string;
  /** The setting to change, or the step to take. With `warning` and `failed`. */
  readonly remedy?: string;
}

export const ok = (message: string): Finding => ({ outcome: 'ok', message });
export const skipped = (message: string): Finding => ({ outcome: 'skipped', message });
export const warning = (message: string, remedy: string): Finding => ({ outcome: 'warning', message, remedy });
export const failed = (message: string, remedy: string): Finding => ({ outcome: 'failed', message, remedy });
