import { maskSecrets, thrownText } from '@latchkey/core/internal';

/** errno of Node, or code of OpenSSL, and what it says about the other side. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/^(EPROTO|ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG))$/, 'it does not speak TLS'],
  [/^HPE_/, 'it does not speak HTTP'],
  [/^(ECONNREFUSED|ENOENT)$/, 'nothing listens at its address'],
  [/^(ENOTFOUND|EAI_)/, 'its host name is not known'],
  [/^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ECONNRESET|EPIPE)$/, 'it does not answer'],
  [/CERT|^ERR_TLS|^ERR_SSL|^UNABLE_TO/, 'its TLS certificate is not accepted'],
];

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
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const reason = findConnectionReason(code);
  // The error of a host with several addresses has no message.
  return reason === undefined ? maskSecrets(error.message || code || error.name) : `${reason} (${code})`;
}

/** Why a WebSocket of Socket.IO was not opened. Its error has the one of the connection inside. */
export function describeSocketError(error: Error): string {
  const { description } = error as { description?: { error?: unknown; message?: unknown } };
  return describeConnectionError(description?.error ?? error).slice(0, 128);
}
