import { domainToASCII } from 'node:url';

/** A mail server, and how to sign in at it. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte. Otherwise by STARTTLS. */
  readonly secure: boolean;
  readonly credentials: { readonly user: string; readonly pass: string } | undefined;
}

/** Who mails come from. */
export interface MailFrom {
  readonly name: string;
  /** The domain in ASCII. */
  readonly address: string;
}

type Parsed<T> = (T & { readonly mistake?: undefined }) | { readonly mistake: string };

/**
 * Reads the URL of a mail server. A mistake shows nothing of the URL, which may hold a password.
 *
 * @example
 * parseSmtpUrl('smtps://latchkey:secret@mail.example'); // { host: 'mail.example', port: 465, secure: true, credentials: … }
 */
export function parseSmtpUrl(text: string): Parsed<SmtpServer> {
  if (!/^smtps?:\/\//i.test(text)) return { mistake: 'has to begin with smtps:// or smtp://' };
  if (!URL.canParse(text)) return { mistake: 'has no readable host and port' };
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(text);
  const secure = protocol === 'smtps:';
  if (!/^(\[[\da-f:.]+\]|[\w.-]+)$/i.test(hostname)) return { mistake: 'has no readable host and port' };
  if (!/^\/?$/.test(pathname) || search !== '' || hash !== '')
    return { mistake: 'must hold nothing behind host and port; in a password write / as %2F, ? as %3F, # as %23' };
  if ((username === '') !== (password === '')) return { mistake: 'has to hold user and password, or neither' };
  const [user, pass] = [decode(username), decode(password)];
  if (user === undefined || pass === undefined) return { mistake: 'has a % that is not encoded: write it as %25' };
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    credentials: user === '' ? undefined : { user, pass },
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

const named = /^(?<name>[^<>]*)<(?<inner>[^<>]*)>$/;
const sender = /^(?<local>[^\s\p{C}<>()[\],;:\\"@]+)@(?<domain>[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)$/u;
const maxLength = 254;

/**
 * Reads the sender of mails.
 *
 * @example
 * parseMailFrom('Example <no-reply@bücher.example>'); // { name: 'Example', address: 'no-reply@xn--bcher-kva.example' }
 */
export function parseMailFrom(text: string): Parsed<MailFrom> {
  if (/\p{Cc}/u.test(text)) return { mistake: 'must not hold control characters' };
  const { name = '', inner = text } = named.exec(text)?.groups ?? {};
  const { local = '', domain = '' } = sender.exec(inner.trim())?.groups ?? {};
  const host = domainToASCII(domain);
  if (host === '' || local.length + host.length >= maxLength)
    return { mistake: 'has to be an address, such as no-reply@example.org, or Name <no-reply@example.org>' };
  return { name: name.trim().replace(/^"(.*)"$/, '$1'), address: `${local}@${host}` };
}

/** The configured mail server, and who its mails come from. `undefined`: there is none. */
export function mailServerOf({
  smtpUrl,
  mailFrom,
}: {
  readonly smtpUrl?: string | undefined;
  readonly mailFrom?: string | undefined;
}): { readonly server: SmtpServer; readonly from: MailFrom } | undefined {
  if (smtpUrl === undefined || mailFrom === undefined) return undefined;
  const server = parseSmtpUrl(smtpUrl);
  const from = parseMailFrom(mailFrom);
  return server.mistake !== undefined || from.mistake !== undefined ? undefined : { server, from };
}
