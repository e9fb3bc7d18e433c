import { thrownText } from '@latchkey/core/internal';
import { AbortedTransactionError, isCommitRefusal } from './commit-outcome.ts';
import { handlePoolErrors, type PgPoolEvents } from './pool-errors.ts';
import { TransactionCoreClass } from './transaction-core-class.ts';
import { TransactionError } from './transaction-error.ts';
import type { TransactionOptions, TransactionSteps } from './transaction-steps.ts';
import type { TransactionClass } from './transactions.ts';

/** An answer of pg, as far as it is needed. */
export interface PgResult<Row> {
  readonly rows: Row[];
  readonly rowCount: number | null;
  readonly command: string;
}

/** A client of a pg pool, as far as it is needed. */
export interface PgClient {
  query(text: string, values?: unknown[]): Promise<PgResult<unknown>>;
  release(error?: Error | boolean): void;
}

/** `pg.Pool` fits. */
export interface PgPool extends PgPoolEvents {
  connect(): Promise<PgClient>;
}

/** A transaction on one client of a pg pool. */
export interface PgTransaction extends TransactionCoreClass {
  /** A statement of this transaction, with `$1` … for the values. Rejects with pg's error, or `TransactionError`. */
  query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<PgResult<Row>>;
  /** Alias of {@link PgTransaction.query}, for code written for zerv-core. */
  executeQuery<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<PgResult<Row>>;
}

/**
 * Transactions on a pg pool, with savepoints for the inner ones. Each outermost one holds a client from its begin to
 * its end; a client that failed is thrown away. An outermost one inside another needs a second client: with few
 * clients, use inner ones. Calls {@link handlePoolErrors}: the loss of a connection never ends the process.
 *
 * @throws TypeError for what is no pool
 * @example
 * transactions.TransactionImplementationClass = pgTransactionClass(new pg.Pool());
 * await transactions.run((transaction) => transaction.query('INSERT INTO things (name) VALUES ($1)', ['lamp']));
 */
export function pgTransactionClass(pool: PgPool): TransactionClass<PgTransaction> {
  if (typeof pool?.connect !== 'function') throw new TypeError('pgTransactionClass takes a Pool of pg');
  handlePoolErrors(pool);
  return class PoolTransaction extends TransactionCoreClass implements PgTransaction {
    readonly #held: HeldClient;

    constructor(parent: PgTransaction | undefined, options: TransactionOptions) {
      const held = parent === undefined ? createHeldClient(pool) : PoolTransaction.#heldBy(parent);
      super(parent, createSteps(held, `inner_${(parent?.depth ?? 0) + 1}`), options);
      this.#held = held;
    }

    static #heldBy(parent: PgTransaction): HeldClient {
      if (#held in parent) return parent.#held;
      throw new TypeError('The transaction around is of another class or pool');
    }

    query<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<PgResult<Row>> {
      return this.use(() => this.#held.send<Row>(text, values));
    }

    executeQuery<Row = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<PgResult<Row>> {
      return this.query<Row>(text, values);
    }
  };
}

/** Inner transactions of one parent never overlap, so the depth is name enough. */
function createSteps(held: HeldClient, point: string): TransactionSteps<PgTransaction> {
  return {
    processBegin: () => held.begin(),
    processCommit: () => held.commit(),
    processRollback: () => held.rollback(),
    processInnerBegin: () => held.send(`SAVEPOINT ${point}`),
    processInnerCommit: () => held.send(`RELEASE SAVEPOINT ${point}`),
    processInnerRollback: () => held.send(`ROLLBACK TO SAVEPOINT ${point}; RELEASE SAVEPOINT ${point}`),
    isRefusal: isCommitRefusal,
  };
}

type HeldClient = ReturnType<typeof createHeldClient>;

/** The client of one outermost transaction, from begin to end. */
function createHeldClient(pool: PgPool) {
  let client: PgClient | undefined;
  const requireClient = (): PgClient => {
    if (client === undefined) throw new TransactionError('ended', 'The transaction holds no client');
    return client;
  };
  const release = (error?: Error) => {
    client?.release(error);
    client = undefined;
  };
  const queryOrRelease = async (text: string) => {
    try {
      await requireClient().query(text);
    } catch (error) {
      release(asError(error));
      throw error;
    }
  };
  return Object.freeze({
    async begin() {
      client = await pool.connect();
      await queryOrRelease('BEGIN');
    },
    async commit() {
      const { command } = await requireClient().query('COMMIT');
      if (command === 'ROLLBACK') throw new AbortedTransactionError();
      release();
    },
    async rollback() {
      await queryOrRelease('ROLLBACK');
      release();
    },
    send: <Row>(text: string, values?: readonly unknown[]) =>
      requireClient().query(text, values && [...values]) as Promise<PgResult<Row>>,
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(thrownText(error));
}
