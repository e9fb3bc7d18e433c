import { createMailSignIns } from '../auth/mail-sign-ins.ts';
import { prepareCode } from '../auth/prepare-code.ts';
import { wallTime } from '../platform/timers.ts';
import { getInternals } from '../session/internals.ts';
import type { Session } from '../session/session.ts';
import { createAccountAccess } from './account-access.ts';
import { createAccountClient } from './account-client.ts';
import { createOwnAccount } from './own-account.ts';

/** The account of a session's user, and what a user without a session can do by mail. Its methods reject with a `Failure`. */
export type Account = ReturnType<typeof openAccount>;

const accounts = new WeakMap<Session, Account>();

function openAccount(session: Session) {
  const { core, options, runSignIn } = getInternals(session);
  const { url, tenant } = options;
  const { http, storage, timers } = core;
  const prepare = () => prepareCode(core);
  const mailSignIns = createMailSignIns({ http, storage, runSignIn, prepareCode: prepare, now: wallTime });
  const own = createOwnAccount({ send: createAccountClient({ session, url, timers }) });
  core.closed.addEventListener('abort', own.clear);
  const whenOpen = <Result>(work: () => Promise<Result>): Promise<Result> => core.ensureOpen()?.then(work) ?? work();
  const access = createAccountAccess({ http, mailSignIns, prepareCode: prepare, runSignIn, whenOpen, tenant });
  return Object.freeze({ ...own.methods, ...access });
}

/**
 * Returns the account functions of a session, the same object for each call. Throws `TypeError` for an object that
 * `createSession` did not make.
 *
 * @example
 * import { getAccount } from '@latchkey/sdk-browser/account';
 * const account = getAccount(session);
 * const { email } = await account.profile();
 * await account.forgotPassword({ email: 'ada@example.com' });
 */
export function getAccount(session: Session): Account {
  const account = accounts.get(session) ?? openAccount(session);
  accounts.set(session, account);
  return account;
}
