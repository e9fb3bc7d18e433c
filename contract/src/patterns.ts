/** A UUID, in either case. */
export const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Id of a tenant or a backend. */
export const slugPattern = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** 16 bytes as base64url: 22 characters, the last of which holds two bits, so that each key has one spelling. */
export const rotationKeyPattern = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/** RFC 7636 §4.1. */
export const codeVerifierPattern = /^[A-Za-z0-9._~-]{43,128}$/;

/** An RFC 7638 thumbprint by SHA-256: 43 characters, the last of which holds four bits, so that each has one spelling. */
export const thumbprintPattern = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/** 32 bytes as base64url, such as a code challenge (RFC 7636 §4.2) or a coordinate of a key (RFC 7518 §6.2.1). */
export const bytes32Pattern = /^[A-Za-z0-9_-]{43}$/;
