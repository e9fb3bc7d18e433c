import { fail } from '@latchkey/contract';
import type { OneTimePurpose } from '../domain/one-time-token/one-time-token.ts';
import type { MailLinks } from './mail-links.ts';

/** Asked before a mail is promised. */
export interface MailAvailability {
  /**
   * @param purpose of the link in the mail
   * @throws mail_unavailable there is no way to send mail, or no page that takes the link
   */
  assertAvailable(purpose?: OneTimePurpose): void;
  /** Whether `assertAvailable` would pass. */
  isAvailable(purpose?: OneTimePurpose): boolean;
}

const noWay =
  'no mail can be sent: set LATCHKEY_SMTP_URL and LATCHKEY_MAIL_FROM, or the hook sendMail (docs/run/mail.md)';
const noPage = 'no page takes the link of a mail: set the option links (docs/run/mail.md)';

/**
 * @param deps.canSend there is a mail server, or another way to send
 * @example
 * createMailAvailability({ canSend: true, links }).assertAvailable('reset_password');
 */
export function createMailAvailability({
  canSend,
  links,
}: {
  readonly canSend: boolean;
  readonly links: Pick<MailLinks, 'has'>;
}): MailAvailability {
  return Object.freeze<MailAvailability>({
    isAvailable: (purpose) => canSend && links.has(purpose),
    assertAvailable(purpose) {
      if (!canSend) throw fail('mail_unavailable', { detail: noWay, retryAfterMs: 60_000 });
      if (!links.has(purpose)) throw fail('mail_unavailable', { detail: noPage, retryAfterMs: 60_000 });
    },
  });
}
