import { type ControlledTransaction, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { createStage } from '../../../core/test/socket/stage.ts';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import {
  createApiRouter,
  type IdempotencyStore,
  kyselyIdempotencyStore,
  pgIdempotencyStore,
} from '../../src/api/index.ts';
import { createLocalUserSessions } from '../../src/internal.ts';
import {
  createTransactions,
  type KyselyTransaction,
  kyselyTransactionClass,
  type PgTransaction,
  pgTransactionClass,
  type TransactionCoreClass,
  type Transactions,
} from '../../src/transaction/index.ts';

/** By what the node asks its database. */
export type Driver = 'pg' | 'kysely';

/** Called in the handler, its payment made but not committed, or after the commit and before the answer leaves. */
export type Moment = 'before' | 'after';

export interface PayingNode {
  readonly port: number;
  /** Keys for which the handler of `pay` began to run here, in order. */
  readonly runs: readonly string[];
  close(): Promise<void>;
}

type Tables = Record<string, never>;

/** The table of {@link openPayingNode}. */
export const paymentsTable = 'CREATE TABLE payments (id int GENERATED ALWAYS AS IDENTITY, key text NOT NULL)';

/**
 * A node of an app: an api router over sockets, on the shared Postgres. `pay` writes one payment, its key beside it, and
 * answers its number; anybody who shows the token `sid:<id>` is user-1.
 */
export async function openPayingNode(
  driver: Driver,
  url: string,
  on: Partial<Record<Moment, () => unknown>> = {},
): Promise<PayingNode> {
  const pool = new pg.Pool({ connectionString: url, max: 12 });
  pool.on('error', () => undefined).on('connect', (client) => void client.on('error', () => undefined));
  return driver === 'pg' ? openOnPg(pool, on) : openOnKysely(pool, on);
}

function openOnPg(pool: pg.Pool, on: Partial<Record<Moment, () => unknown>>): Promise<PayingNode> {
  const transactions = createTransactions({ TransactionImplementationClass: pgTransactionClass(pool) });
  return open<PgTransaction>({
    ...{ transactions, on },
    store: pgIdempotencyStore(transactions),
    pay: async (transaction, key) => (await transaction.query<Payment>(payment, [key])).rows[0]!,
    look: (transaction) => transaction.query('SELECT 1'),
    end: () => pool.end(),
  });
}

function openOnKysely(pool: pg.Pool, on: Partial<Record<Moment, () => unknown>>): Promise<PayingNode> {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  const transactions = createTransactions({ TransactionImplementationClass: kyselyTransactionClass(db) });
  return open<KyselyTransaction<ControlledTransaction<Tables>>>({
    ...{ transactions, on },
    store: kyselyIdempotencyStore(transactions),
    pay: async (transaction, key) =>
      (await sql<Payment>`INSERT INTO payments (key) VALUES (${key}) RETURNING id`.execute(transaction.db)).rows[0]!,
    look: async (transaction) => sql`SELECT 1`.execute(transaction.db),
    end: () => db.destroy(),
  });
}

interface Payment {
  readonly id: number;
}

const payment = 'INSERT INTO payments (key) VALUES ($1) RETURNING id';

interface Parts<T extends TransactionCoreClass> {
  readonly transactions: Transactions<T>;
  readonly store: IdempotencyStore<T>;
  readonly on: Partial<Record<Moment, () => unknown>>;
  pay(transaction: T, key: string): Promise<Payment>;
  /** One more statement, as handlers have. */
  look(transaction: T): Promise<unknown>;
  end(): Promise<void>;
}

async function open<T extends TransactionCoreClass>(parts: Parts<T>): Promise<PayingNode> {
  const { transactions, store, pay, look, on, end } = parts;
  const runs: string[] = [];
  const sessions = createLocalUserSessions({ clock: createFakeClock(), serverId: 'server-1' });
  const stage = await createStage({ limits: { messageBurst: 10_000 } }, { follow: sessions.observe });
  const { io, clock, authority } = stage;
  await store.createTable();
  createApiRouter<T>(io, 'api', { clock, authority, sessions, transactions, idempotency: store }).on(
    'pay',
    { transactional: true, input: anything },
    async function () {
      const key = this.idempotencyKey ?? '';
      runs.push(key);
      const transaction = this.getTransaction();
      if (on.after) transaction.onCommit(on.after);
      const paid = await pay(transaction, key);
      await on.before?.();
      await look(transaction);
      return paid;
    },
  );
  return Object.freeze<PayingNode>({
    port: stage.port,
    runs,
    async close() {
      await stage.end();
      sessions.close();
      await end();
    },
  });
}

const anything = { '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value }) } } as const;
