import { maskSecrets, thrownText } from '@latchkey/core/internal';

/** Codes of OpenSSL for a certificate that is refused, and that of Node for its names. */
const certificateCodes =
  /^(?!ERR_SSL).*CERT|^ERR_TLS|^UNABLE_TO|^INVALID_(CA|PURPOSE)$|^PATH_LENGTH_EXCEEDED$|^HOSTNAME_MISMATCH$/;

/** errno of Node, or code of OpenSSL, and what it says about the other side. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/, 'it does not speak TLS'],
  [/^HPE_/, 'it does not speak HTTP'],
  [/^(ECONNREFUSED|ENOENT)$/, 'nothing listens at its address'],
  [/^(ENOTFOUND|EAI_)/, 'its host name is not known'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE)$/, 'it does not answer'],
  [/^ERR_SSL/, 'no TLS connection is agreed on'],
  [certificateCodes, 'its TLS certificate is not accepted'],
];

/** What to change about a certificate that this process refused. */
interface CertificateRemedies {
  /** For one of an authority that is not known, or without its chain. */
  readonly authority: string;
  /** For one of another host. */
  readonly host: string;
  /** Whose certificate it is. */
  readonly holder: string;
}

/**
 * What to change if the certificate of the other side was refused; `undefined` for any other error.
 *
 * @param code of the error, such as `UNABLE_TO_VERIFY_LEAF_SIGNATURE`
 */
export function findCertificateRemedy(
  code: string,
  { authority, host, holder }: CertificateRemedies,
): string | undefined {
  if (!certificateCodes.test(code)) return undefined;
  if (/EXPIRED|NOT_YET_VALID/.test(code))
    return `renew the certificate of ${holder}; if it is valid, correct the clock of this machine`;
  return /ALTNAME|HOSTNAME/.test(code) ? host : authority;
}

/** The code of an error of Node, OpenSSL or PostgreSQL; empty: it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * Why a connection was not made, as the end of a sentence; `undefined` for any other error.
 *
 * @param code of the error
 * @example
 * findConnectionReason('ECONNREFUSED'); // 'nothing listens at its address'
 */
export function findConnectionReason(code: string): string | undefined {
  return reasons.find(([codes]) => codes.test(code))?.[1];
}

/**
 * Why a request got no answer: the reason with the code of the error, else what the error says of itself.
 *
 * @example
 * describeConnectionError(error); // 'nothing listens at its address (ECONNREFUSED)'
 */
export function describeConnectionError(error: unknown): string {
  if (!(error instanceof Error)) return maskSecrets(thrownText(error));
  const code = codeOf(error);
  const reason = findConnectionReason(code);
  // The error of a host with several addresses has no message.
  return reason === undefined ? maskSecrets(error.message || code || error.name) : `${reason} (${code})`;
}

/** Why a WebSocket of Socket.IO was not opened. Its error has the one of the connection inside. */
export function describeSocketError(error: Error): string {
  const { description } = error as { description?: { error?: unknown; message?: unknown } };
  return describeConnectionError(description?.error ?? error).slice(0, 128);
}
