/** Scheme of an access token: alone (RFC 6750), or bound to a key and with a proof (RFC 9449 §7.1). */
export type AccessScheme = 'Bearer' | 'DPoP';

/** The credential of an `Authorization` header. */
export interface PresentedCredential {
  /** `undefined`: there is no header, or one of another scheme. */
  readonly scheme: AccessScheme | undefined;
  readonly token: string | undefined;
}

/**
 * Longest code or token, in characters: 4 KB of claims by each of the hooks `claim` and `refresh`, and the service's own,
 * as base64url. Together with a proof it fits into the 16 KB of headers that Node's servers take.
 */
export const maxCredentialLength = 13_312;

/** The scheme, then `b64token` of RFC 6750 §2.1. */
const credential = /^(bearer|dpop)(?:$| +([\w.~+/-]+=*) *$| )/i;
const nothing: PresentedCredential = Object.freeze({ scheme: undefined, token: undefined });

/**
 * The access token of a request, which is read from `Authorization` only.
 *
 * @example parseAuthorization('Bearer eyJ…') // { scheme: 'Bearer', token: 'eyJ…' }
 */
export function parseAuthorization(authorization = ''): PresentedCredential {
  const found = credential.exec(authorization);
  return found === null ? nothing : { scheme: found[1]!.length === 4 ? 'DPoP' : 'Bearer', token: found[2] };
}
