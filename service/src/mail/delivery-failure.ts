import { Failure } from '@latchkey/contract';
import type { ServiceCause } from '../ops/causes.ts';
import { UnsendableMailError } from './render-mail.ts';

/** Why a mail was not sent. */
interface DeliveryFailure {
  /** Another try cannot succeed. */
  readonly isPermanent: boolean;
  /** Without text of the server, which may quote the address. */
  readonly failure: string;
  /** What has to be changed; `undefined`: it was reported elsewhere. */
  readonly cause: ServiceCause | undefined;
}

/** Error of nodemailer. */
interface SmtpError extends NodeJS.ErrnoException {
  /** Its own, such as `ESOCKET` for any error of a connection. */
  readonly code: string;
  /** The code of Node or OpenSSL. */
  readonly originalCode?: string;
  readonly address?: string;
  readonly port?: number;
  readonly hostname?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly response?: string;
}

const isSmtpError = (error: unknown): error is SmtpError =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && !(error instanceof Failure);

/** Replies that ask for another sign-in at the server (RFC 4954). They say nothing about the mail. */
const signInReplies: ReadonlySet<number> = new Set([530, 534, 535, 538]);

/**
 * A refusal of the recipient or of the mail itself (5xx) is final (RFC 5321 §4.2.1). Whatever concerns the connection, the
 * sign-in or the sender is tried again, because a change of settings ends it, and so is an answer that did not arrive.
 */
export function toDeliveryFailure(error: unknown): DeliveryFailure {
  if (error instanceof UnsendableMailError) return { isPermanent: true, failure: error.message, cause: undefined };
  if (error instanceof Failure) return { isPermanent: false, failure: error.code, cause: undefined };
  if (!isSmtpError(error)) return { isPermanent: false, failure: 'unknown error', cause: 'mail_server_failed' };
  const failure = describe(error);
  const { responseCode = 0, command = '', code } = error;
  const isRefused = responseCode >= 500 && responseCode < 600 && !signInReplies.has(responseCode);
  if (isRefused && command === 'MAIL FROM') return { isPermanent: false, failure, cause: 'mail_sender_refused' };
  const concernsMail = command === 'RCPT TO' || command === 'DATA';
  // Without a reply it was nodemailer that refused the address, before it was sent.
  const isUnsendable = code === 'EENVELOPE' && responseCode === 0;
  if ((isRefused && concernsMail) || isUnsendable) return { isPermanent: true, failure, cause: 'mail_refused' };
  return { isPermanent: false, failure, cause: 'mail_server_failed' };
}

/** Such as `550 5.1.1 at RCPT TO`, `connect ECONNREFUSED 127.0.0.1:25`, or `ETIMEDOUT at CONN`. */
function describe(error: SmtpError): string {
  const { command, responseCode, response = '' } = error;
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const reply =
    responseCode === undefined ? describeNetwork(error) : [responseCode, enhanced].filter(Boolean).join(' ');
  // The call of the system says it as well.
  const isTold = command === 'CONN' && reply.includes(' ');
  return command === undefined || isTold ? reply : `${reply} at ${command.replace(/^AUTH.*/, 'AUTH')}`;
}

/** The error of the network, as Node writes it: call, code, and the address of the server. Its text may hold more. */
function describeNetwork({ code, originalCode = code, syscall, hostname, address, port }: SmtpError): string {
  const end = hostname ?? (address === undefined || port === undefined ? address : `${address}:${port}`);
  return [syscall, originalCode, end].filter(Boolean).join(' ');
}
