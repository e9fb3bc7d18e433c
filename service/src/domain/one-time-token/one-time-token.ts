/** What a one-time token is for, and how long it is valid, in minutes. A token is valid for one purpose. */
export const oneTimePurposes = {
  verify_email: 24 * 60,
  reset_password: 30,
  sign_in: 10,
  change_email: 60,
  undo_email_change: 72 * 60,
  accept_invitation: 7 * 24 * 60,
} as const;

export type OneTimePurpose = keyof typeof oneTimePurposes;

/** A token that can be used now. */
export interface OneTimeToken {
  readonly id: string;
  readonly purpose: OneTimePurpose;
  readonly tenantId: string;
  /** `null`: there is no user yet. */
  readonly userId: string | null;
  /** The address that the mail went to, as stored. */
  readonly email: string | null;
  readonly emailKey: string | null;
  /** Hash of the ticket or session that holds the code; `null`: there is a link alone. */
  readonly ticketHash: Buffer | null;
  /** What was stored beside it; `undefined`: nothing. */
  readonly data: OneTimeData | undefined;
  readonly expiresAt: Date;
}

/** JSON that is stored wrapped: it may hold a password hash. */
export type OneTimeData = Readonly<Record<string, unknown>>;

/** The one who has to show the code: the browser that asked, by its ticket, or the session that asked. */
export type CodeHolder = { readonly ticket: string } | { readonly sid: string };

/** A request for a mail. */
export interface OneTimeRequest {
  readonly purpose: 'verify_email' | 'reset_password' | 'sign_in' | 'change_email';
  readonly tenantId: string;
  /** As it was typed, in the canonical spelling. */
  readonly email: string;
  readonly emailKey: string;
  /** Who may use the code. Without it there is a link alone. */
  readonly holder?: CodeHolder | undefined;
  /** The user who asks, where it is known. */
  readonly owner?: TokenOwner | undefined;
  readonly data?: OneTimeData | undefined;
  /** False: no mail is sent, because a limit is reached. The request looks like any other. Default: true. */
  readonly isMailed?: boolean | undefined;
}

/** The user that a token belongs to, as read in this transaction. */
export interface TokenOwner {
  readonly id: string;
  readonly credentialVersion: number;
}

/** A token for a caller or an account that is known. */
export interface NewOneTimeToken {
  readonly purpose: OneTimePurpose;
  readonly tenantId: string;
  readonly owner?: TokenOwner | undefined;
  readonly email: string;
  readonly emailKey: string;
  /** Who may use a code. Without it there is a link alone. */
  readonly holder?: CodeHolder | undefined;
  readonly data?: OneTimeData | undefined;
}

/** A request whose mail is not prepared yet. Its data stays wrapped: this node may lack the secret. */
export interface RequestedToken extends Omit<OneTimeToken, 'data'> {
  readonly emailKey: string;
  readonly email: string;
  /** The user who asked, with the credentials of that time; `null`: it was not known. */
  readonly owner: TokenOwner | null;
}

/** What the mail holds. Neither is stored. */
export interface MailedSecrets {
  readonly tokenId: string;
  /** 32 random bytes, base64url, for the fragment of the link. */
  readonly secret: string;
  /** Six digits; `undefined` without a holder. */
  readonly code: string | undefined;
  readonly expiresAt: Date;
}

/** Wrong codes after which the code is invalid. The link stays valid. */
export const maxCodeAttempts = 5;

/** Tokens of one purpose that are valid together, of one user or address. */
export const maxLiveTokens = 3;
