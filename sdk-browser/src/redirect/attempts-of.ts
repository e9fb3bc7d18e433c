import type { Inside } from '../inside.ts';
import type { Page } from '../platform/page.ts';
import { type Attempts, createAttempts } from './attempts.ts';

/** The attempts at the session's service, of this tab. */
export function attemptsOf({ options }: Inside, { storage, now }: Page): Attempts {
  return createAttempts(storage, `latchkey:${new URL(options.url).host}:redirect:`, now);
}
