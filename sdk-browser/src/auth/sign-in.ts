import {
  assertOptions,
  type CodeResponse,
  Failure,
  type MailSentResponse,
  type OptionNames,
  type SessionUser,
} from '@latchkey/contract';
import { describeConnectionProblem } from '../connection/describe-connection-problem.ts';
import { checkReachability } from '../connection/reachability.ts';
import type { HttpClient } from '../http/http-client.ts';
import { servicePaths } from '../http/paths.ts';
import { fail } from '../platform/fail.ts';
import { randomBase64url } from '../platform/random.ts';
import { wallTime } from '../platform/timers.ts';
import type { StorageAdapter } from '../tokens/storage-adapter.ts';
import type { MailSignIn, MailSignIns } from './mail-sign-ins.ts';
import { type CodeDeps, type CodeRequest, prepareCode, type RunSignIn } from './prepare-code.ts';

/** Input of {@link Session.login}. */
export interface LoginInput {
  readonly email: string;
  readonly password: string;
  readonly tenant?: string;
  /**
   * Requested scopes, separated by spaces (RFC 6749 §3.3). Default: all scopes of the user. {@link Session.scope} has the
   * granted ones. The sign-in rejects with `invalid_scope` when the user has none of them.
   */
  readonly scope?: string;
  /** Further fields for the hook `findUserByCredentials` of the service, such as a one-time code. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Input of {@link Session.register}. */
export interface RegisterInput extends LoginInput {
  readonly profile?: Readonly<Record<string, unknown>>;
  /** Single-use operator invitation. */
  readonly operatorInvite?: string;
}

/** What sign-ins need of a session. */
interface SignInDeps extends CodeDeps {
  readonly http: HttpClient;
  readonly storage: StorageAdapter;
}

/**
 * Rejection of {@link Session.register} and {@link Session.login} while the address of the account is not verified. A mail with a
 * code and a link was sent. `continueWith` signs in with one of them.
 */
export interface VerificationRequired extends Failure, MailSignIn {
  readonly code: 'verification_required';
}

/**
 * True for a sign-in that waits until the address is verified.
 *
 * @example
 * const user = await session.login({ email, password }).catch(async (error) => {
 *   if (!isVerificationRequired(error)) throw error;
 *   return error.continueWith({ code: await askForCode(error.email) });
 * });
 */
export function isVerificationRequired(error: unknown): error is VerificationRequired {
  return error instanceof Failure && error.code === 'verification_required';
}

const ticketBytes = 32;

/** Returns the ticket of a mail: 32 random bytes as base64url. */
export function createMailTicket(): string {
  return randomBase64url(ticketBytes);
}

const names: OptionNames<RegisterInput> = {
  email: true,
  password: true,
  tenant: true,
  scope: true,
  fields: true,
  profile: true,
  operatorInvite: true,
};

/** Returns the body of a sign-in. JSON leaves members out that are undefined. */
function bodyOf(
  { email, password, tenant, scope, fields, profile, operatorInvite }: RegisterInput,
  ticket: string | undefined,
  request: CodeRequest,
) {
  return {
    ...fields,
    ...{ email, password, tenant, scope, profile, ticket },
    operator_invite: operatorInvite,
    ...request,
  };
}

/**
 * Returns `forbidden` in place of a network error if the service refuses the origin of this page. The browser hides such an
 * answer because of CORS, but the socket server of the service returns the cause to any page.
 */
async function explainFailure(deps: Pick<SignInDeps, 'http'>, cause: unknown): Promise<unknown> {
  if (!(cause instanceof Failure && cause.cause instanceof TypeError)) return cause;
  const { url, fetch } = deps.http;
  const reason = await checkReachability(url, fetch);
  return reason === 'origin_refused'
    ? fail('forbidden', { message: describeConnectionProblem(url, { reason }), cause })
    : cause;
}

/** Rejects with `verification_required` after `open` has requested the mail, or kept the ticket of one that was sent. */
async function requireVerification(
  deps: SignInDeps,
  runSignIn: RunSignIn,
  open: (signIns: MailSignIns) => MailSignIn | Promise<MailSignIn>,
): Promise<never> {
  const { http, storage } = deps;
  const { createMailSignIns } = await import('./mail-sign-ins.ts').catch((cause: unknown) => {
    throw fail('unavailable', { cause });
  });
  const prepare = () => prepareCode(deps);
  const opened = await open(createMailSignIns({ http, storage, runSignIn, prepareCode: prepare, now: wallTime }));
  throw Object.assign(fail('verification_required'), opened);
}

/** Posts the credentials and redeems the code on the socket. Resolves after the token is stored. See `Session.login`. */
export async function signIn(
  deps: SignInDeps,
  runSignIn: RunSignIn,
  kind: 'login' | 'register',
  input: RegisterInput,
): Promise<SessionUser> {
  assertOptions(kind, input, names);
  const { email, tenant, scope, password } = input;
  const kept = { ticket: createMailTicket(), email, tenant, scope };
  const { request, redeem } = await prepareCode(deps);
  const body = bodyOf(input, kind === 'register' ? kept.ticket : undefined, request);
  const answer = await deps.http
    .postJson<CodeResponse | MailSentResponse>(servicePaths[kind], body)
    .catch(async (cause: unknown) => {
      if (!(cause instanceof Failure && cause.code === 'email_unverified')) throw await explainFailure(deps, cause);
      return requireVerification(deps, runSignIn, (all) => all.request('verify_email', kept, { password }));
    });
  if (kind === 'login' || 'code' in answer || typeof answer.expires_in !== 'number') return redeem(answer);
  return requireVerification(deps, runSignIn, (all) => all.keep('verify_email', kept, answer.expires_in));
}
