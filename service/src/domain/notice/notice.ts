/** A session whose user has a verified address, and what was known of the user's browsers when it was opened. */
export interface NoticedSession extends BrowserOfSession {
  readonly sid: string;
  readonly userId: string;
  readonly tenantId: string;
  /** Verified address of the user. */
  readonly email: string;
  readonly locale: string | null;
  readonly openedAt: Date;
  readonly endedAt: Date | null;
  readonly endReason: string | null;
  /** The user's live sessions that were opened before. */
  readonly earlier: readonly BrowserOfSession[];
  /** There is a browser that the user is known to have signed in with. */
  readonly hasKnownBrowser: boolean;
}

/** What a session says of its browser. */
interface BrowserOfSession {
  /** Thumbprint of the key that the session is bound to; `null`: it is unbound. */
  readonly jkt: string | null;
  readonly userAgent: string | null;
}

/** Sessions in the order in which they were opened, or ended. */
export interface NoticePage {
  readonly sessions: readonly NoticedSession[];
  /** There may be more sessions after the page. */
  readonly isFull: boolean;
}

/** Sessions that were opened and are not ended, or sessions that were ended. */
export type NoticeCursor = 'opened' | 'ended';

/** Days for which a browser is known after the last sign-in with it. */
export const knownBrowserDays = 90;
