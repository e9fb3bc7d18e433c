import type { AccessClaims, AccessScheme } from '@latchkey/contract';
import type { ClientInfo, ExchangeRequest, Grant } from '@latchkey/core';
import type { JwtHeader } from '@latchkey/core/internal';

export type { Deadline } from '../db/deadline.ts';

/** Who calls, proved by an access token whose signature, time and session were checked. */
export interface Caller {
  readonly userId: string;
  readonly tenantId: string;
  readonly sid: string;
  /** Epoch seconds of the moment the password was shown. */
  readonly authTime: number;
  readonly claims: AccessClaims;
}

/** The client of a request, and the part of its address that may be kept. */
export interface Client extends ClientInfo {
  readonly addressPrefix: string | null;
}

/** A code or a session token that was presented, and what came with it. */
export interface CredentialRequest extends ExchangeRequest {
  readonly peer: Client;
  /** Header of the credential, where it was read already. */
  readonly header?: JwtHeader | undefined;
}

/** The credential of a backend over HTTP. */
export interface ClientCredential {
  readonly id: string;
  readonly secret: string;
}

/** What a sign-in is for. */
export interface SignInTarget {
  readonly codeChallenge?: string | undefined;
  /** RFC 7638 thumbprint of the key that code and session shall be bound to (`dpop_jkt`). */
  readonly keyThumbprint?: string | undefined;
  /** Scopes that the session shall have at most, separated by spaces. */
  readonly scope?: string | undefined;
  readonly app?: string | undefined;
  readonly state?: string | undefined;
}

export interface LoginRequest extends SignInTarget {
  readonly email: string;
  readonly password: string;
  readonly tenant?: string | undefined;
  /** Further fields of the request, for the hook `findUserByCredentials`. */
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

export interface RegisterRequest extends LoginRequest {
  /** The first operator's invitation: the user who registers with it becomes an operator. */
  readonly operatorInvite?: string | undefined;
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
  /** 32 random bytes of the browser, base64url: it alone can use the code of the mail. */
  readonly ticket?: string | undefined;
}

/** What proves that a mail was read: the secret of its link, or its code with the ticket of the browser that asked. */
export type MailProof =
  | { readonly secret: string; readonly ticket?: string | undefined }
  | { readonly code: string; readonly ticket: string };

/** A proof of a mail in the session that asked for it. */
export type SessionMailProof = { readonly secret: string } | { readonly code: string };

/** A mail is on its way, if there is reason for one. */
export interface MailSent {
  readonly expires_in: number;
}

/** What an exchange gives, and whether its access token has to be shown with proofs. */
export interface ExchangeResult extends Grant {
  readonly isBound: boolean;
}

/** A request of this service's HTTP API. */
export interface Endpoint {
  readonly method: string;
  /** As it came, with its query. */
  readonly path: string;
}

/** How an access token was shown at an endpoint (RFC 9449 §7.1); where nothing is said, as `Bearer`. */
export interface PresentedAccessToken extends Endpoint {
  readonly scheme: AccessScheme;
  readonly proof?: string | undefined;
}
