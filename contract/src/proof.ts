/** Names of proofs of possession (RFC 9449), beside `tokenTypes.proof`. */
export const proofConstants = Object.freeze({
  /** Request header that carries the proof; also the scheme of `Authorization` for a bound access token. */
  header: 'DPoP',
  /** Answer header with the nonce that the next proof has to carry. */
  nonceHeader: 'DPoP-Nonce',
  /** `htm` of a proof on a socket. */
  socketMethod: 'SOCKET',
  /** The only algorithm. */
  algorithm: 'ES256',
} as const);

/** Longest proof, in characters. */
export const maxProofLength = 4_096;

/** Public key of a browser as the header of its proofs carries it (RFC 7518 §6.2.1). */
export interface ProofKey {
  kty: 'EC';
  crv: 'P-256';
  x: string;
  y: string;
}

/**
 * Claims of a proof (RFC 9449 §4.2). On a socket `htm` is `SOCKET`, `htu` the origin of the socket server that the
 * browser opened and `nonce` the SHA-256 of the connection's engine id.
 */
export interface ProofClaims {
  jti: string;
  htm: string;
  htu: string;
  /** Epoch seconds. */
  iat: number;
  /** base64url of SHA-256 of the code, token or access token that the proof comes with; none at the token endpoint. */
  ath?: string;
  nonce?: string;
}
