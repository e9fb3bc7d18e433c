/** `typ` headers: explicit typing keeps the kinds of JWT apart (RFC 8725 §3.11). */
export const tokenTypes = {
  code: 'code+jwt',
  session: 'session+jwt',
  access: 'at+jwt',
  proof: 'dpop+jwt',
} as const;

/** Claims of an access token (RFC 9068), and what stands in `req.auth`. Times in epoch seconds. */
export interface AccessClaims {
  iss: string;
  sub: string;
  aud: string;
  exp: number;
  iat: number;
  jti: string;
  client_id: string;
  /** Session id; the blacklist denies by it. */
  sid: string;
  /** Tenant id. */
  tid: string;
  auth_time: number;
  amr: string[];
  cnf?: { jkt: string };
  [claim: string]: unknown;
}

/** Names a `claim` hook cannot set: the service's own win. */
export const reservedClaims = [
  'iss',
  'sub',
  'aud',
  'exp',
  'nbf',
  'iat',
  'jti',
  'client_id',
  'sid',
  'tid',
  'auth_time',
  'amr',
  'acr',
  'cnf',
  'scope',
  'id',
  'tenant_id',
] as const;
