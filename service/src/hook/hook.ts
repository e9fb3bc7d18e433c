import type { CustomClaims } from '@latchkey/contract';
import type { MailData, MailTemplate, OutgoingMail, RenderedMail } from '../domain/mail/mail.ts';
import type { ExternalUser, FoundUser, User } from '../domain/user/user.ts';

export type Claims = Readonly<Record<string, unknown>>;

/** Signs a payload; reserved names of the service's own payload win over whatever was added. */
export type SignFunction = (payload: Claims) => string | Promise<string>;

interface Credentials {
  /**
   * In its canonical spelling: nothing around it, NFC, the domain in lower case and in its Unicode form. The case before
   * the @ is as it was typed.
   */
  readonly email: string;
  readonly password: string;
  readonly tenantId: string;
}

/** With the further fields of the request to `/login`, such as a one-time code, as the client sent them. */
interface LoginAttempt extends Credentials {
  readonly [field: string]: unknown;
}

interface Registration extends Credentials {
  /** As the client sent it to `/register`. */
  readonly profile: Readonly<Record<string, unknown>>;
}

interface TenantLookup {
  /** The tenant that the request names. */
  readonly tenant: string | undefined;
  readonly email: string;
  readonly address: string | null;
}

export interface AppUrlContext {
  readonly user: User;
  /** One of `LATCHKEY_APP_URLS`, as the request named it, or the only one. `undefined`: there is none. */
  readonly app: string | undefined;
  readonly state: string | undefined;
  /** `iss` of the answer (RFC 9207): the service's public URL. */
  readonly issuer: string;
}

/** A mail before it has words. */
interface MailToRender {
  readonly template: MailTemplate;
  /** Language of the user, else of the tenant (BCP 47). */
  readonly locale: string | null;
  readonly tenant: { readonly id: string; readonly name: string };
  /**
   * `link` opens a page that acts, `code` is typed in, and both are valid for `validMinutes`. `name`, `browser` and `email`
   * are absent where the address is not verified, because a caller wrote them.
   */
  readonly data: Omit<MailData, 'secret'> & {
    readonly link?: string | undefined;
    readonly validMinutes?: number | undefined;
  };
}

interface LoginEvent {
  readonly user: User;
  readonly sessionId: string;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/**
 * The operator's functions, every one optional and free to be async. What they throw: a `Failure` passes to the caller
 * as it is, anything else becomes `internal_error`. None runs inside a transaction; each has `LATCHKEY_HOOK_TIMEOUT_IN_SECS`.
 *
 * `user.profile` is what the client sent to `/register`, `user.userMetadata` what the user stored: show them, but never
 * derive a role or another right from them. The same holds for `user.email` where `emailVerifiedAt` is `null`. Rights come
 * from `user.appMetadata`, which only administrators, backends and hooks write.
 *
 * @example
 * export default {
 *   claim: ({ appMetadata }) => ({ roles: appMetadata.roles ?? [] }),
 * } satisfies HookFunctions;
 */
export interface HookFunctions {
  /**
   * Claims of the user's access tokens, at most 4 KB of JSON, beside `email` and `email_verified`. `name`, `locale` and `picture`
   * of the result replace those of the user. Runs when a session opens, when the profile or the address changes, and at
   * `recomputeClaims`.
   */
  claim?(user: User): Awaitable<CustomClaims & Claims>;
  /**
   * Scopes that the user may have (RFC 6749 §3.3), asked for each access token, so that a change takes effect at the next
   * one. Default: those of `LATCHKEY_DEFAULT_SCOPES`. A sign-in may ask for fewer.
   */
  scopes?(user: User): Awaitable<readonly string[]>;
  /**
   * Replaces the service's own passwords; `null` is a wrong address or password. With `keep` the user is taken over: it signs in
   * with a password of this service from then on.
   */
  findUserByCredentials?(attempt: LoginAttempt): Awaitable<FoundUser | null>;
  /** Keeps the new user elsewhere; nothing returned: the service keeps the user and the password itself. */
  register?(registration: Registration): Awaitable<ExternalUser | undefined>;
  /** Default: the tenant that the request names, else `default`. */
  getTenantId?(question: TenantLookup): Awaitable<string>;
  /** Where a redirect sign-in goes. Default: `<app>#code=…&state=…&iss=…`. A URL that shows the code before `#` is refused. */
  appUrl?(code: string, context: AppUrlContext): Awaitable<string>;
  /**
   * Shapes the code: returns what `sign({ ...payload, more })` gave, or a JWT (HS256) of the payload that it signed itself with the
   * secret of the service. An earlier `exp` is kept.
   */
  authorization?(payload: Claims, sign: SignFunction): Awaitable<string>;
  /** Shapes the access token, in the same way. */
  refresh?(payload: Claims, sign: SignFunction): Awaitable<string>;
  /** Called after each opened session. A failure is logged and never fails the login. */
  onLogin?(fact: LoginEvent): Awaitable<void>;
  /** Writes the words of a mail; nothing returned: the service's own words. Escape in `html` what the data holds. */
  renderMail?(mail: MailToRender): Awaitable<RenderedMail | undefined>;
  /** Sends mails instead of the mail server. A mail whose hook fails is sent again later, with the same `messageId`. */
  sendMail?(mail: OutgoingMail): Awaitable<void>;
}

export type Awaitable<T> = T | Promise<T>;
export type HookName = keyof HookFunctions;

/** Hooks as flows call them: complete, each under its time-out, results checked. */
export interface Hooks {
  claim(user: User): Promise<Claims>;
  /** `undefined`: the configuration says which scopes each user may have. */
  readonly scopes: ((user: User) => Promise<readonly string[]>) | undefined;
  /** `undefined`: the service's own users and passwords decide. */
  readonly findUserByCredentials: ((attempt: LoginAttempt) => Promise<FoundUser | null>) | undefined;
  /** Accounts are in another system: `register` or `findUserByCredentials` is set. */
  readonly managesUsers: boolean;
  /** `undefined`: the service keeps the user itself. @throws registration_closed when only `findUserByCredentials` is set */
  register(registration: Registration): Promise<ExternalUser | undefined>;
  getTenantId(question: TenantLookup): Promise<string>;
  appUrl(code: string, context: AppUrlContext): Promise<string>;
  /** The hook is set. */
  readonly hasAppUrl: boolean;
  authorization(payload: Claims, sign: SignFunction): Promise<string>;
  refresh(payload: Claims, sign: SignFunction): Promise<string>;
  /** Never rejects. */
  onLogin(fact: LoginEvent): Promise<void>;
  /** `undefined`: all words are the service's own. */
  readonly renderMail: ((mail: MailToRender) => Promise<RenderedMail | undefined>) | undefined;
  /** `undefined`: the mail server sends. */
  readonly sendMail: ((mail: OutgoingMail) => Promise<void>) | undefined;
}
