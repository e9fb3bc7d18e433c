/** errno of Node, or code of OpenSSL, and what it says about the other side. */
const reasons: readonly (readonly [RegExp, string])[] = [
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
