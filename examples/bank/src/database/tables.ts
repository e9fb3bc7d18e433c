import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { BankSchema } from './schema.ts';

const accounts: Migration = {
  async up(db: Kysely<unknown>) {
    await sql`
      CREATE TABLE accounts (
        number int GENERATED ALWAYS AS IDENTITY (START WITH 1001) PRIMARY KEY,
        tenant_id text NOT NULL,
        user_id text NOT NULL,
        holder text NOT NULL,
        balance bigint NOT NULL CHECK (balance >= 0),
        version int NOT NULL,
        UNIQUE (tenant_id, user_id)
      )`.execute(db);
    await sql`
      CREATE TABLE bookings (
        account int NOT NULL REFERENCES accounts,
        version int NOT NULL,
        transfer_id uuid NOT NULL,
        counterpart int REFERENCES accounts,
        amount bigint NOT NULL CHECK (amount <> 0),
        balance bigint NOT NULL,
        booked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (account, version),
        UNIQUE (transfer_id, account)
      )`.execute(db);
  },
};

/** Migrates the tables to their newest schema. Nodes that start at the same time wait for each other. */
export async function migrate(db: Kysely<BankSchema>): Promise<void> {
  const provider = { getMigrations: async () => ({ '0001-accounts': accounts }) };
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (error !== undefined) throw error;
}
