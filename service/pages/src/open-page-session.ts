import { createSession, type Session } from '@latchkey/sdk-browser';
import { type PreparedSignIn, prepareSignIn } from '@latchkey/sdk-browser/redirect';

/** The session of this browser on the pages of a tenant, and what a sign-in of these pages needs. */
export interface PageSession {
  readonly session: Session;
  readonly prepareSignIn: () => Promise<PreparedSignIn>;
}

export function openPageSession(tenant: string | undefined): PageSession {
  const session = createSession({ url: location.origin, ...(tenant === undefined ? {} : { tenant }) });
  return { session, prepareSignIn: () => prepareSignIn(session) };
}
