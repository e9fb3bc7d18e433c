import type { StoredBrand } from '../tenant/brand.ts';

/** The mails of this service, each with its own text in the catalogue of each language. */
export const mailTemplates = [
  'verify_email',
  'sign_up_taken',
  'reset_password',
  'sign_in',
  'change_email',
  'email_changed',
  'email_replaced',
  'email_restored',
  'invitation',
  'password_changed',
  'token_theft',
  'new_sign_in',
  'test',
] as const;

export type MailTemplate = (typeof mailTemplates)[number];

/** What a template is filled with. Stored wrapped, because it may hold a link and a code. */
export interface MailData {
  /** The secret of a one-time token, for the fragment of a link. */
  readonly secret?: string | undefined;
  readonly code?: string | undefined;
  /** Only for mail to a verified address, because the user chose it. */
  readonly name?: string | undefined;
  /** What happened when, in ISO 8601, and from where. */
  readonly at?: string | undefined;
  readonly browser?: string | undefined;
  readonly email?: string | undefined;
}

/** Reports that an attacker with the password, or with a sign-up of another user's address, could cause again and again. */
export const limitedNotices: ReadonlySet<MailTemplate> = new Set(['password_changed', 'token_theft', 'new_sign_in']);

/** Mails of one of {@link limitedNotices} to one user, in 24 hours. */
export const maxNoticesInDay = 10;

/** A mail that is about to be stored. */
export interface NewMail {
  readonly tenantId: string;
  /** An address as stored, never as typed by a caller. */
  readonly recipient: string;
  readonly template: MailTemplate;
  readonly data: MailData;
  /** Language of the user (BCP 47); `undefined`: that of the tenant. */
  readonly locale?: string | undefined;
  readonly userId?: string | undefined;
  /** The session that the mail reports. Of each template there is one mail for a session. */
  readonly sid?: string | undefined;
  /** The one-time token that the mail holds. Once it is used or has expired, the mail is not sent any more. */
  readonly tokenId?: string | undefined;
  /** After this moment the mail is not sent any more. Default: three days. */
  readonly expiresAt?: Date | undefined;
}

/** A mail that this node is to send now. */
export interface LeasedMail {
  readonly id: string;
  readonly tenantId: string;
  readonly tenantName: string;
  readonly brand: StoredBrand | null;
  readonly recipient: string;
  readonly template: MailTemplate;
  readonly data: MailData;
  /** Language of the user, else of the tenant. */
  readonly locale: string | null;
  /** The recipient is the verified address of the user. Other mails hold nothing that a caller wrote. */
  readonly isProved: boolean;
  /** With this one. */
  readonly tries: number;
}

/** A mail that could not be sent, in the list of operators. */
export interface FailedMail {
  readonly id: string;
  readonly tenantId: string;
  readonly userId: string | null;
  readonly template: string;
  readonly tries: number;
  readonly createdAt: Date;
  readonly failedAt: Date;
  readonly failure: string;
}

/** Which mails that could not be sent. */
export interface FailedMailQuery {
  readonly tenantId?: string | undefined;
}

/** The words of a mail. */
export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A mail as it is sent. */
export interface OutgoingMail extends RenderedMail {
  /** One address, without a name. */
  readonly to: string;
  /** With `<` and `>`. The same at each try, so that a mailbox can drop a repeated mail. */
  readonly messageId: string;
}
