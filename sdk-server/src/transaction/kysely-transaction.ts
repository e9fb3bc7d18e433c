import { isCommitRefusal } from './commit-outcome.ts';
import { TransactionCoreClass } from './transaction-core-class.ts';
import { TransactionError } from './transaction-error.ts';
import type { TransactionOptions, TransactionSteps } from './transaction-steps.ts';
import type { TransactionClass } from './transactions.ts';

interface Command {
  execute(): Promise<unknown>;
}

/** A plugin of Kysely that sees each statement before it is sent. */
interface KyselyPlugin {
  transformQuery<N>(args: { readonly node: N }): N;
  transformResult<R>(args: { readonly result: R }): Promise<R>;
}

/** Kysely's `ControlledTransaction`, as far as it is needed. */
export interface KyselyTransactionHandle {
  commit(): Command;
  rollback(): Command;
  savepoint(name: string): Command;
  rollbackToSavepoint(name: string): Command;
  releaseSavepoint(name: string): Command;
  withPlugin(plugin: KyselyPlugin): unknown;
}

/** `Kysely<DB>` fits, from 0.29 on. */
export interface KyselyDatabase<Handle extends KyselyTransactionHandle> {
  startTransaction(): { execute(): Promise<Handle> };
}

/** A transaction of a Kysely database. */
export interface KyselyTransaction<Handle extends KyselyTransactionHandle> extends TransactionCoreClass {
  /**
   * Kysely's handle of this transaction. Its statements reject with `TransactionError`: `ended` after the end, `busy`
   * while an inner transaction runs or waits.
   */
  readonly db: Handle;
}

/**
 * Transactions of a Kysely database, with savepoints for the inner ones. Each outermost one holds a connection from its
 * begin to its end. On pg, give the pool to {@link handlePoolErrors} first: Node ends the process when a connection is
 * lost and nothing listens to the pool's `error` events.
 *
 * @throws TypeError for what is no Kysely database, or one of an older version
 * @example
 * const pool = handlePoolErrors(new pg.Pool({ connectionString }), log);
 * const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
 * transactions.TransactionImplementationClass = kyselyTransactionClass(db);
 * await transactions.run(({ db }) => db.insertInto('things').values({ name: 'lamp' }).execute());
 */
export function kyselyTransactionClass<Handle extends KyselyTransactionHandle>(
  db: KyselyDatabase<Handle>,
): TransactionClass<KyselyTransaction<Handle>> {
  if (typeof db?.startTransaction !== 'function')
    throw new TypeError('kyselyTransactionClass takes a Kysely database, of version 0.29 or newer');
  return class DatabaseTransaction extends TransactionCoreClass implements KyselyTransaction<Handle> {
    readonly #held: HeldHandle<Handle>;
    #gated: Handle | undefined;

    constructor(parent: KyselyTransaction<Handle> | undefined, options: TransactionOptions) {
      const held = parent === undefined ? createHeldHandle(db) : DatabaseTransaction.#heldBy(parent);
      super(parent, createSteps(held, `inner_${(parent?.depth ?? 0) + 1}`), options);
      this.#held = held;
    }

    static #heldBy(parent: KyselyTransaction<KyselyTransactionHandle>): HeldHandle<Handle> {
      if (#held in parent) return parent.#held as HeldHandle<Handle>;
      throw new TypeError('The transaction around is of another class or database');
    }

    get db(): Handle {
      this.assertFree();
      this.#gated ??= guardHandle(this.#held.handle(), () => this.assertFree());
      return this.#gated;
    }
  };
}

function guardHandle<Handle extends KyselyTransactionHandle>(handle: Handle, assertFree: () => void): Handle {
  const gated = handle.withPlugin({
    transformQuery: ({ node }) => {
      assertFree();
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  });
  return gated as Handle;
}

/** Inner transactions of one parent never overlap, so the depth is name enough. */
function createSteps(
  held: HeldHandle<KyselyTransactionHandle>,
  point: string,
): TransactionSteps<KyselyTransaction<KyselyTransactionHandle>> {
  return {
    processBegin: () => held.begin(),
    processCommit: () => held.handle().commit().execute(),
    processRollback: () => held.handle().rollback().execute(),
    processInnerBegin: () => held.handle().savepoint(point).execute(),
    processInnerCommit: () => held.handle().releaseSavepoint(point).execute(),
    processInnerRollback: async () => {
      await held.handle().rollbackToSavepoint(point).execute();
      await held.handle().releaseSavepoint(point).execute();
    },
    isRefusal: isCommitRefusal,
  };
}

type HeldHandle<Handle extends KyselyTransactionHandle> = ReturnType<typeof createHeldHandle<Handle>>;

/** Kysely's handle of one outermost transaction, once begun. */
function createHeldHandle<Handle extends KyselyTransactionHandle>(db: KyselyDatabase<Handle>) {
  let begun: Handle | undefined;
  return Object.freeze({
    async begin() {
      begun = await db.startTransaction().execute();
    },
    handle(): Handle {
      if (begun === undefined) throw new TransactionError('not_running', 'The transaction does not run yet');
      return begun;
    },
  });
}
