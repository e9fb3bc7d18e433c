/** Bodies of the service's HTTP API, as JSON. Keys and hashes are base64url, `*_in` in seconds, `*_at` ISO 8601. */

/**
 * `POST /login`. PKCE (RFC 7636) with S256 only. The challenge is required unless the service is configured otherwise.
 */
export interface LoginBody {
  email: string;
  password: string;
  tenant?: string | undefined;
  code_challenge?: string | undefined;
  code_challenge_method?: 'S256' | undefined;
  /** RFC 7638 thumbprint of the browser's P-256 key: binds the code, the session and its access tokens (RFC 9449 §10). */
  dpop_jkt?: string | undefined;
  /** Scopes that the session shall have at most, separated by spaces (RFC 6749 §3.3). Default: all that the user may have. */
  scope?: string | undefined;
  app?: string | undefined;
  state?: string | undefined;
}

/** `POST /register`. */
export interface RegisterBody extends LoginBody {
  /** Data for display. The client writes it, so no right may be derived from it. */
  profile?: Record<string, unknown> | undefined;
  /** 32 random bytes of the browser, base64url. It alone can use the code of the mail that verifies the address. */
  ticket?: string | undefined;
  /** The first operator's invitation, from the link of the first start. */
  operator_invite?: string | undefined;
}

/** A code, or with `app` the URL that carries it in its fragment. Both, where the host names the one app that there is. */
export type CodeResponse = (
  | { code: string; expires_in: number }
  | { code: string; url: string; expires_in: number }
  | { url: string; expires_in: number }
) &
  WithDatabaseTime;

/**
 * A mail is on its way, if there is reason for one: the answer is the same for every address. 202, also of `POST /register`
 * where the tenant requires a verified address.
 */
export interface MailSentResponse extends WithDatabaseTime {
  /** Seconds for which the link and the code of the mail are valid. */
  expires_in: number;
}

/** The proof that a mail was read: the secret of its link, or its code with the ticket of the browser that asked. */
export interface MailProofBody {
  secret?: string | undefined;
  code?: string | undefined;
  ticket?: string | undefined;
}

/** How the pages and mails of a tenant look. `null`: as those of the service. */
export interface TenantBrand {
  name: string | null;
  /** Of buttons and links, `#rrggbb`. */
  colour: string | null;
  /** Path of the image at the service. It changes with the image. */
  logo: string | null;
}

/** A tenant as its pages show it. */
export interface BrandedTenant {
  id: string;
  name: string;
  brand: TenantBrand | null;
}

/** `POST /links/inspect`. */
export interface LinkInspection {
  purpose: LinkPurpose;
  /** First character and domain of the address. */
  email_hint: string | null;
  tenant: BrandedTenant;
  /** Seconds for which the link is valid. */
  expires_in: number;
}

/** What a link is for. */
export type LinkPurpose =
  | 'verify_email'
  | 'reset_password'
  | 'sign_in'
  | 'change_email'
  | 'undo_email_change'
  | 'accept_invitation';

/** The database's time in epoch ms, from which the client counts its next `asked_at`. */
export interface WithDatabaseTime {
  now?: number | undefined;
}

/** Request of an app that redirects a user to `/signin`. It is passed to `POST /login` or `/register` unchanged. */
export type SignInRequest = {
  app: string;
  code_challenge: string;
  code_challenge_method: 'S256';
  state: string;
  dpop_jkt?: string;
  scope?: string;
  tenant?: string;
};

/** `GET /signin/request`. */
export interface SignInRequestResponse {
  /** Origin that the user returns to, for display. */
  origin: string;
  request: SignInRequest;
}

/** `GET /signin/options`: what the sign-in page of a tenant offers. */
export interface SignInOptions {
  tenant: BrandedTenant;
  registration_open: boolean;
  /** Users may sign in by a mail, without a password. */
  email_sign_in: boolean;
  /** Mails can be sent, so that a forgotten password can be replaced. */
  mail_available: boolean;
  /** Fewest characters of a new password. */
  password_min_length: number;
}

/** `POST /oauth/token` (RFC 6749 §5.1). */
export interface TokenResponse extends WithDatabaseTime {
  access_token: string;
  token_type: 'Bearer' | 'DPoP';
  expires_in: number;
  refresh_token: string;
  /** Granted scopes, separated by spaces; absent when there are none. */
  scope?: string | undefined;
  session_id: string;
}

/** `GET /me`, and the answer to `PATCH /me`. */
export interface CurrentUser {
  id: string;
  tenant_id: string;
  email: string | null;
  /** The user proved to receive mail at the address. */
  email_verified: boolean;
  /** What the user says of itself. It proves nothing. */
  name: string | null;
  /** An https URL that the service never loads. */
  picture: string | null;
  /** Language tag (BCP 47). */
  locale: string | null;
  /** What the client sent to `/register`, or what a hook gave. */
  profile: Record<string, unknown>;
  /** What the user and its app store. No right may be derived from it. */
  user_metadata: Record<string, unknown>;
  operator: boolean;
  created_at: string;
  session_id: string;
  auth_time: number;
}

/** `PATCH /me`. `null` clears a field, and what is absent stays as it is. */
export interface ProfileBody {
  /** 200 characters at most. */
  name?: string | null | undefined;
  /** An https URL of 2,048 characters at most. */
  picture?: string | null | undefined;
  /** Language tag (BCP 47). It is stored in its canonical spelling. */
  locale?: string | null | undefined;
  /** Replaced as a whole. At most 16 KB of JSON. */
  user_metadata?: Record<string, unknown> | null | undefined;
  /** See {@link AskedAt}. */
  asked_at?: number | undefined;
}

/** One row of `GET /sessions`: a browser or device of the caller. */
export interface SessionInfo {
  id: string;
  /** Display name, such as "Firefox on Linux". */
  browser: string;
  /** Network part only: /24 of IPv4, /48 of IPv6. */
  address_prefix: string | null;
  created_at: string;
  last_active_at: string;
  expires_at: string;
  online: boolean;
  current: boolean;
}

/** Answer to `GET /sessions`: the live sessions of the caller. */
export interface SessionsResponse {
  sessions: SessionInfo[];
}

/** One row of `GET /me/activity`: what happened to the caller's account. */
export interface AccountActivity {
  id: number;
  /** ISO 8601. */
  at: string;
  /** Such as `login`, `login_failed` or `password_changed`. */
  action: string;
  session_id: string | null;
  /** Network part only: /24 of IPv4, /48 of IPv6. `null`: not known, or that of an administrator. */
  address_prefix: string | null;
  /** An administrator or a backend did it. */
  by_administrator: boolean;
  detail: Record<string, string | number | boolean | null>;
}

/** Answer to `GET /me/export`: what is stored about the caller, without hashes and secrets. */
export interface AccountExport extends SessionsResponse {
  user: CurrentUser & { external_id: string | null; app_metadata: Record<string, unknown> };
  /** Newest first, 10,000 at most. */
  activity: AccountActivity[];
}

/** `POST /logout`, `DELETE /sessions/:id`, `POST /me/password`. */
export interface EndedSessions extends WithDatabaseTime {
  ended: number;
}
