/** `typ` headers: explicit typing keeps the kinds of JWT apart (RFC 8725 §3.11). */
export const tokenTypes = {
  code: 'code+jwt',
  session: 'session+jwt',
  access: 'at+jwt',
  proof: 'dpop+jwt',
} as const;

/**
 * Longest life of an access token that can be configured, in seconds. How long ended sessions are kept follows from it, whatever
 * is configured, so a greater one has to be known to every node before any of them uses it.
 */
export const maxAccessTokenSeconds = 900;

/**
 * The claims that the hook `claim` of your service adds. Declare them once, for the hook, guards, handlers and browsers. A claim that
 * sessions from before the hook lack is optional. The declaration is not checked at run time.
 *
 * @example
 * declare module '@latchkey/contract' {
 *   interface CustomClaims {
 *     role?: 'clerk' | 'manager';
 *   }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: apps add members
export interface CustomClaims {}

/**
 * Claims about the user (OpenID Connect Core 1.0, 5.1). One that is not known is absent. `email` and `email_verified` are always
 * those of the account. The others are what the user says of itself, or what the hook `claim` returns under their names.
 */
export interface ProfileClaims {
  email?: string;
  /** The user proved to receive mail at the address. */
  email_verified?: boolean;
  name?: string;
  /** An https URL, which the service never loads. */
  picture?: string;
  /** Language tag (BCP 47). */
  locale?: string;
}

/** The profile claims that no hook types itself. */
type StandardClaims = Omit<ProfileClaims, keyof CustomClaims>;

/**
 * The signed-in user as browsers and handlers get it: its profile and the claims of the hook `claim`, with `id` and
 * `tenant_id`.
 */
export interface SessionUser extends Readonly<CustomClaims>, Readonly<StandardClaims> {
  readonly id: string;
  readonly tenant_id: string;
  readonly [claim: string]: unknown;
}

/** Claims of an access token (RFC 9068), as in `req.auth`. Times in epoch seconds. */
export interface AccessClaims extends CustomClaims, StandardClaims {
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
  /** Scopes of the session, separated by spaces (RFC 9068 §2.2.3); absent when it has none. */
  scope?: string;
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
