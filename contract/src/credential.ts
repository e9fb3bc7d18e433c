/** How a caller shows an access token: alone (RFC 6750) or bound to a key, with a proof (RFC 9449 §7.1). */
export type AccessScheme = 'Bearer' | 'DPoP';

/** The credential of an `Authorization` header. */
export interface PresentedCredential {
  /** `undefined`: no access token was shown, perhaps something else. */
  readonly scheme: AccessScheme | undefined;
  readonly token: string | undefined;
}

/**
 * Longest code or token, in characters: 4 KB of claims by each of the hooks `claim` and `refresh`, and the service's own,
 * as base64url. Together with a proof it fits into the 16 KB of headers that Node's servers take.
 */
export const maxCredentialLength = 13_312;

const schemes: Readonly<Record<string, AccessScheme>> = { bearer: 'Bearer', dpop: 'DPoP' };
const scheme = /^(bearer|dpop)(?: |$)/i;
/** `b64token` of RFC 6750 §2.1. */
const credentials = /^(?:bearer|dpop) +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** The access token of a request, which is read from `Authorization` only. */
export function parseAuthorization(authorization = ''): PresentedCredential {
  const named = scheme.exec(authorization)?.[1]?.toLowerCase();
  return {
    scheme: named === undefined ? undefined : schemes[named],
    token: credentials.exec(authorization)?.[1],
  };
}
