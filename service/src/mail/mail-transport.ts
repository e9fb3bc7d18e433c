import { createTransport } from 'nodemailer';
import type { MailFrom, SmtpServer } from '../config/mail-settings.ts';
import type { OutgoingMail } from '../domain/mail/mail.ts';

/** Sends one mail. Returns what the other side said. */
export type SendMail = (mail: OutgoingMail) => Promise<string>;

interface SmtpOptions {
  readonly server: SmtpServer;
  readonly from: MailFrom;
  /** Without TLS nothing is sent. */
  readonly requireTls: boolean;
}

/** A lease lasts longer than all of them together. They are of silence: {@link maxExchangeMs} limits a server that is slow. */
const timeouts = { dnsTimeout: 10_000, connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };

const maxExchangeMs = 60_000;

/**
 * Sends over SMTP, each mail on a connection of its own.
 *
 * Sender and recipient are objects, because text would be parsed, and could then name further recipients.
 *
 * @example
 * const send = createSmtpTransport({ server, from: { name: '', address: 'no-reply@example.org' }, requireTls: true });
 * await send({ to: 'ann@example.org', subject, text, html, messageId }); // '250 2.0.0 OK'
 */
export function createSmtpTransport({ from, ...connection }: SmtpOptions): SendMail {
  const transport = transportTo(connection);
  return async ({ to, subject, text, html, messageId }) => {
    const sent = transport.sendMail({
      from: { ...from },
      to: { name: '', address: to },
      ...{ subject, text, html, messageId },
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return (await withinTime(sent, maxExchangeMs)).response;
  };
}

/** Connects and signs in at the mail server, and sends nothing. @throws an error of nodemailer, or `ETIMEDOUT` */
export async function verifySmtpServer(
  connection: Omit<SmtpOptions, 'from'>,
  timeoutMs: number = maxExchangeMs,
): Promise<void> {
  await withinTime(transportTo(connection).verify(), timeoutMs);
}

/** nodemailer offers no way to end what it does. */
async function withinTime<T>(exchange: Promise<T>, timeoutMs: number): Promise<T> {
  const error = Object.assign(new Error('the mail server took too long'), { code: 'ETIMEDOUT' });
  const late = new Promise<never>((_resolve, reject) => {
    AbortSignal.timeout(timeoutMs).addEventListener('abort', () => reject(error));
  });
  return Promise.race([exchange, late]);
}

function transportTo({ server: { host, port, secure, credentials }, requireTls }: Omit<SmtpOptions, 'from'>) {
  return createTransport({
    ...timeouts,
    ...{ host, port, secure },
    requireTLS: requireTls && !secure,
    tls: { minVersion: 'TLSv1.2' },
    ...(credentials === undefined ? {} : { auth: credentials }),
    // Nothing in a mail may be read from a file or a URL.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}
