import type { Inside } from '../inside.ts';
import type { Page } from '../platform/page.ts';
import { type Attempts, createAttempts } from './attempts.ts';

/** The attempts of the session in this tab. */
export function attemptsOf({ core }: Inside, { storage, now }: Page): Attempts {
  return createAttempts(storage, `${core.names.prefix}redirect:`, now);
}
