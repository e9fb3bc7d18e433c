import type { Logger } from '@latchkey/core/internal';
import type { TransactionFactory } from './api/run-call.ts';
import { type ChangeListener, type ChangeNotifier, createChanges } from './change/changes.ts';
import type { PresenceView } from './client/presence-cache.ts';
import { toUserSession, type UserSession } from './session/user-session.ts';
import type { TransactionCoreClass } from './transaction/transaction-core-class.ts';
import {
  type AnyTransactionClass,
  createTransactions,
  type DefineTransaction,
  type TransactionClass,
  type Transactions,
} from './transaction/transactions.ts';

const userSessionName = 'USER_SESSION';

/** Changes that a backend receives and sends, on all servers. */
export interface ClusterChanges extends Omit<ChangeNotifier, 'checkName'> {
  /**
   * `USER_SESSION`: the user sessions of all servers, one for each server with sockets of a session. Existing ones are sent
   * as `creation` after the first connection to the service, differences after a reconnect. Deletions have no sockets.
   * Needs the scope `feed`. Returns the function that removes the listener.
   *
   * @example
   * latchkey.onChanges('USER_SESSION', (tenantId, { userId, active }, notificationType) => show(tenantId, userId));
   */
  onChanges(name: 'USER_SESSION', listener: ChangeListener<UserSession>): () => void;
  /**
   * The app's own names: changes of `notify…` on this node, and on the app's other nodes by the adapter of
   * `socketServe`.
   */
  onChanges<Thing = unknown>(name: string, listener: ChangeListener<Thing>): () => void;
  /** Another name of `notifyDeletion`. */
  readonly notifyDelete: ChangeNotifier['notifyDeletion'];
  /** User sessions of all servers, as last received from the service. */
  getUserSessions(): UserSession[];
  /**
   * The app's transactions, whose `notify…` reach these listeners after the commit. An api router accepts them. See
   * {@link createTransactions}.
   *
   * @example
   * const transactions = latchkey.transactions(pgTransactionClass(pool));
   * const api = latchkey.apiRouter(io, 'api', { transactions });
   */
  transactions<T extends TransactionCoreClass>(Implementation: TransactionClass<T>): Transactions<T>;
  /**
   * The class of {@link ClusterChanges.defineTransaction}, and of api routers without `transactions` of their own. Set it at
   * the app's start.
   *
   * @example
   * latchkey.TransactionImplementationClass = pgTransactionClass(pool);
   */
  TransactionImplementationClass: AnyTransactionClass | undefined;
  /** Makes a transaction of `TransactionImplementationClass`, whose `notify…` reach the listeners here once committed. */
  readonly defineTransaction: DefineTransaction<TransactionCoreClass>;
}

/** Combines the app's own changes with the service's changes of user sessions, whose name is reserved. */
export function createClusterChanges(deps: { userSessions: PresenceView; log: Logger }) {
  const { userSessions, log } = deps;
  const appChanges = createChanges(undefined, { log, reserved: [userSessionName] });
  const remove = userSessions.onChange((change, state) => {
    appChanges.deliver(state.tenant_id, userSessionName, toUserSession(state), change);
  });

  const changes: Omit<ClusterChanges, 'TransactionImplementationClass' | 'defineTransaction'> = {
    notifyCreation: appChanges.notifyCreation,
    notifyUpdate: appChanges.notifyUpdate,
    notifyDeletion: appChanges.notifyDeletion,
    notifyDelete: appChanges.notifyDeletion,
    onChanges: appChanges.onChanges,
    getUserSessions: () => userSessions.all().map(toUserSession),
    transactions: (Implementation) =>
      createTransactions({ TransactionImplementationClass: Implementation, changes: appChanges, log }),
  };

  return Object.freeze({
    changes,
    /** Those of `TransactionImplementationClass`. */
    defaultTransactions: createTransactions<TransactionCoreClass>({ changes: appChanges, log }),
    /** The transactions' `notify…` reach the listeners here, unless they have another place. */
    connectTransactions: (transactions: Pick<TransactionFactory<never>, 'useChanges'>) =>
      transactions.useChanges?.(appChanges),
    /** The app's Socket.IO server is there: its adapter carries the app's own names. */
    attach: appChanges.attach,
    close() {
      remove();
      appChanges.close();
    },
  });
}
