import { constantTimeEqual, randomBuffer, sha256, toBase64url } from '../base/bytes.ts';
import type { Config } from '../config/config.ts';
import type { OutgoingMail } from '../domain/mail/mail.ts';
import type { SendMail } from './mail-transport.ts';

/** A mail in the mailbox, and when it came. */
interface MailboxMail extends OutgoingMail {
  /** ISO 8601. */
  readonly at: string;
}

/** Mails of a service in development, which are sent to no address. */
export interface DevelopmentMailbox {
  /** Holds the key in its fragment. */
  readonly link: string;
  readonly send: SendMail;
  /** The newest first. `undefined`: the key is wrong. */
  read(key: string): readonly MailboxMail[] | undefined;
}

const mailboxPath = '/dev/mailbox';

const maxMails = 100;

/** Only where the service is reached from this machine alone. `NODE_ENV` that is not set is development as well. */
export function allowsMailbox({
  production,
  smtpUrl,
  publicUrl,
}: Pick<Config, 'production' | 'smtpUrl' | 'publicUrl'>): boolean {
  return !production && smtpUrl === undefined && isLoopback(new URL(publicUrl).hostname);
}

function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/**
 * Keeps the newest 100 mails in memory, and shows them for a random key.
 *
 * @example
 * const mailbox = createDevelopmentMailbox({ publicUrl: 'http://localhost:4000', now: clock.now });
 * mailbox.link; // 'http://localhost:4000/dev/mailbox#key=…'
 */
export function createDevelopmentMailbox({
  publicUrl,
  now,
}: {
  readonly publicUrl: string;
  readonly now: () => number;
}): DevelopmentMailbox {
  const key = toBase64url(randomBuffer(32));
  const mails: MailboxMail[] = [];
  return Object.freeze<DevelopmentMailbox>({
    link: `${publicUrl}${mailboxPath}#key=${key}`,
    async send(mail) {
      mails.unshift({ ...mail, at: new Date(now()).toISOString() });
      mails.length = Math.min(mails.length, maxMails);
      return 'kept in the development mailbox';
    },
    read: (shown) => (constantTimeEqual(sha256(shown), sha256(key)) ? [...mails] : undefined),
  });
}
