import { createMailSignIns } from '../auth/mail-sign-ins.ts';
import { prepareCode } from '../auth/prepare-code.ts';
import { wallTime } from '../platform/timers.ts';
import { getInternals } from '../session/internals.ts';
import type { Session } from '../session/session.ts';
import type { SessionCore } from '../session/session-core.ts';
import type { TokenEndReason } from '../tokens/token-store.ts';
import { type AccountAccess, createAccountAccess } from './account-access.ts';
import { createAccountClient } from './account-client.ts';
import { createOwnAccount, type OwnAccount } from './own-account.ts';

/** The account of a session's user, and what a user without a session can do by mail. Its methods reject with a `Failure`. */
export type Account = Readonly<OwnAccount & AccountAccess>;

const accounts = new WeakMap<Session, Account>();

/** Ends the session that is stored now, unless another one has replaced it meanwhile. */
function createPrepareEnd({ tokenStore, dispatchStored }: SessionCore) {
  return () => {
    const sid = tokenStore.read()?.sid ?? '';
    return (reason: TokenEndReason): void => {
      tokenStore.erase(sid, reason);
      dispatchStored('tokens_changed');
    };
  };
}

function openAccount(session: Session): Account {
  const { core, options, runSignIn } = getInternals(session);
  const { url, tenant } = options;
  const { http, storage, timers } = core;
  const prepare = () => prepareCode(core);
  const mailSignIns = createMailSignIns({ http, storage, runSignIn, prepareCode: prepare, now: wallTime });
  const send = createAccountClient({ session, url, timers });
  const renewUser = () => core.dispatchStored('rotation_due');
  const own = createOwnAccount({ send, prepareEnd: createPrepareEnd(core), renewUser });
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
