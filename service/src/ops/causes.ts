import { type ErrorCode, type Failure, type FailureOptions, fail } from '@latchkey/contract';
import { type CauseLog, type CauseTable, createCauseLog } from '@latchkey/core';
import type { Clock } from '@latchkey/core/internal';
import type { ServiceLogger } from './logger.ts';

/** Every kind of refusal and failure that only a change of the service's configuration ends. docs/run/troubleshooting.md has a row for each. */
export const serviceCauses = {
  hook_failed: {
    setting: 'LATCHKEY_HOOKS',
    message: 'a hook threw an error; correct the hook',
    level: 'error',
  },
  hook_timeout: {
    setting: 'LATCHKEY_HOOK_TIMEOUT_IN_SECS',
    message: 'a hook did not answer in time; make it faster, or set LATCHKEY_HOOK_TIMEOUT_IN_SECS',
    level: 'error',
  },
  hook_result_invalid: {
    setting: 'LATCHKEY_HOOKS',
    message: 'a hook returned a value that is not allowed; correct the hook (docs/build/hooks.md)',
    level: 'error',
  },
  foreign_origin: {
    setting: 'LATCHKEY_ALLOWED_ORIGINS',
    message:
      'a page of another origin called the service; if it is a page of yours, add it to LATCHKEY_ALLOWED_ORIGINS',
  },
  public_url_differs: {
    setting: 'LATCHKEY_PUBLIC_URL',
    message:
      'a page of the service was opened under another address than LATCHKEY_PUBLIC_URL; open it there, or set LATCHKEY_PUBLIC_URL',
  },
  app_url_refused: {
    setting: 'LATCHKEY_APP_URLS',
    message:
      'a redirect sign-in was refused: the URL of its app is not in LATCHKEY_APP_URLS, which is compared exactly',
  },
  proof_url_differs: {
    setting: 'LATCHKEY_PUBLIC_URL',
    message:
      'a proof of possession was refused: it was made for another URL than those of LATCHKEY_PUBLIC_URL; set it to the address of browsers',
  },
  sign_in_tenant_unknown: {
    setting: 'tenant',
    message:
      'a sign-in named a tenant that does not exist; create it, or correct `tenant` of the page or the hook getTenantId',
  },
  scopes_refused: {
    setting: 'LATCHKEY_DEFAULT_SCOPES',
    message:
      'a sign-in asked for scopes that the user may not have; add them to LATCHKEY_DEFAULT_SCOPES or the hook scopes',
  },
  logins_limited: {
    setting: 'LATCHKEY_TRUST_PROXY',
    message:
      'sign-ins were refused after wrong passwords from their address; if all clients have the address of a proxy, set LATCHKEY_TRUST_PROXY',
  },
  mail_proofs_limited: {
    setting: 'LATCHKEY_FAILED_LOGINS_PER_ADDRESS',
    message:
      'links and codes of mails were refused: too many from one address; set LATCHKEY_FAILED_LOGINS_PER_ADDRESS, or behind a proxy LATCHKEY_TRUST_PROXY',
  },
  registrations_limited: {
    setting: 'LATCHKEY_REGISTRATIONS_PER_ADDRESS',
    message:
      'sign-ups of one address were refused; set LATCHKEY_REGISTRATIONS_PER_ADDRESS, or behind a proxy LATCHKEY_TRUST_PROXY',
  },
  passwords_overloaded: {
    setting: 'LATCHKEY_ARGON2_AT_ONCE',
    message:
      'passwords were not checked: too many wait for their hash; add cores or nodes, or lower LATCHKEY_ARGON2_PASSES',
  },
  registration_hook_missing: {
    setting: 'LATCHKEY_HOOKS',
    message: 'a sign-up was refused: the hook findUserByCredentials is set, and the hook register is not',
  },
  verification_beside_hooks: {
    setting: 'LATCHKEY_HOOKS',
    message:
      'a tenant was not set to require verified addresses: the hooks register and findUserByCredentials have users of their own; remove them, or leave email_verification',
  },
  proxy_untrusted: {
    setting: 'LATCHKEY_TRUST_PROXY',
    message:
      'X-Forwarded-For was ignored, so all clients behind that address count as one; if it is your proxy, add it to LATCHKEY_TRUST_PROXY',
  },
  requests_unavailable: {
    setting: 'DATABASE_URL',
    message:
      'requests were answered 503; `err` says why of the newest: the database is unreachable, or it or this node is too slow',
    level: 'error',
  },
  work_unavailable: {
    setting: 'DATABASE_URL',
    message:
      'periodic work and work in the background failed; it is tried again; `err` says why of the newest: the database is unreachable, or it or this node is too slow',
  },
  connections_lost: {
    setting: 'DATABASE_URL',
    message:
      'connections to the database were lost, or could not be opened; `err` says why of the newest; they are opened again',
  },
  secret_missing: {
    setting: 'LATCHKEY_SECRET',
    message:
      'this node lacks a secret that keys or tokens of the database were made with; give all nodes the same LATCHKEY_SECRET',
    level: 'error',
  },
  mail_server_failed: {
    setting: 'LATCHKEY_SMTP_URL',
    message: 'mails wait because the mail server cannot be used; correct LATCHKEY_SMTP_URL, or repair the server',
    level: 'error',
  },
  mail_sender_refused: {
    setting: 'LATCHKEY_MAIL_FROM',
    message:
      'mails wait because the mail server refuses their sender; set LATCHKEY_MAIL_FROM to an address that it may send for',
    level: 'error',
  },
  mail_refused: {
    setting: 'LATCHKEY_MAIL_FROM',
    message:
      'the mail server refused a mail for good; if it refuses more of them, set LATCHKEY_MAIL_FROM to an address that it may send for',
  },
  backend_unknown: {
    setting: 'backendId',
    message:
      'a backend was refused: there is none with its id, or it is disabled; correct its backendId, or run `backend create`',
  },
  backend_secret_wrong: {
    setting: 'backendSecret',
    message: 'a backend was refused: its secret is wrong; correct its backendSecret, or run `backend rotate`',
  },
  backend_protocol_differs: {
    setting: '@latchkey/sdk-server',
    message:
      'a backend was refused: it speaks another version of the protocol; bring service and backend to one release',
  },
  backend_scope_missing: {
    setting: '--scopes',
    message: 'a call of a backend was refused: it lacks a scope; create it with that scope (`backend create --scopes`)',
  },
  backend_origin_missing: {
    setting: '--origins',
    message:
      'a sign-in at a backend was refused: its page is not of an origin of the backend (`backend create --origins`)',
  },
} as const satisfies CauseTable<string>;

/** A code of {@link serviceCauses}. */
export type ServiceCause = keyof typeof serviceCauses;

/** The causes of one node. */
export interface ServiceCauses extends CauseLog<ServiceCause> {
  /**
   * Reports a cause, and returns the failure to throw. Its `detail` says what to change, which answers carry in development only.
   *
   * @param fields of the log line: ids, codes and host names, never a credential
   * @example
   * throw causes.failure('hook_timeout', 'unavailable', { retryAfterMs: 1_000 }, { hook: 'claim' });
   */
  failure(
    cause: ServiceCause,
    code: ErrorCode,
    options?: Omit<FailureOptions, 'detail'>,
    fields?: Readonly<Record<string, unknown>>,
  ): Failure;
}

/**
 * @example
 * const causes = createServiceCauses({ log, clock });
 * causes.report('hook_failed', { hook: 'claim' });
 */
export function createServiceCauses(deps: { readonly log: ServiceLogger; readonly clock: Clock }): ServiceCauses {
  const causes = createCauseLog<ServiceCause>({ ...deps, table: serviceCauses });
  return Object.freeze<ServiceCauses>({
    ...causes,
    failure(cause, code, options = {}, fields = {}) {
      causes.report(cause, fields);
      return fail(code, { ...options, detail: causes.explain(cause) });
    },
  });
}
