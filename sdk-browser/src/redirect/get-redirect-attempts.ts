import type { BrowserPage } from '../platform/page.ts';
import type { SessionInternals } from '../session/internals.ts';
import { createRedirectAttempts, type RedirectAttempts } from './redirect-attempts.ts';

/** Returns the redirect attempts of a session in this tab. */
export function getRedirectAttempts({ core }: SessionInternals, { storage, now }: BrowserPage): RedirectAttempts {
  return createRedirectAttempts(storage, `${core.names.prefix}redirect:`, now);
}
