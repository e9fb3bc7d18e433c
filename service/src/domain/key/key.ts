/** `next` is published and signs nothing yet, `current` signs, `previous` only verifies until its last token has ended. */
export type KeyState = 'next' | 'current' | 'previous';

/** Public half of a signing key as it is published (RFC 7517); never holds `d`. */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}
