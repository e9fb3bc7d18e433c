import type { Pool } from 'pg';
import type { ConnectionCheck } from './connection-checks.ts';
import type { Db } from './schema.ts';

/** A database of either kind, and what differs between the two. */
export interface Database {
  readonly kind: 'postgres' | 'embedded';
  /**
   * Opens the embedded database; PostgreSQL is connected to by the first statement.
   *
   * @param signal gives an opening of the embedded database up, at its next step
   * @throws DataDirInUseError another live process owns the folder · DataDirUnusableError it cannot be written ·
   * DatabaseDamagedError its files cannot be opened as a database
   */
  open(signal?: AbortSignal): Promise<void>;
  readonly db: Db;
  /** The pool, for a library that brings its own statements; `undefined` when embedded. */
  readonly pool: Pool | undefined;
  /**
   * Asks the server whether it takes writes. If not, open connections are replaced.
   *
   * @throws an infrastructure error: the server is read-only, or does not answer
   */
  assertWritable(): Promise<void>;
  /**
   * Runs `check` on each new connection before it is used. Returns the function that ends it. The embedded database has
   * no connections, so it runs none.
   */
  onConnect(check: ConnectionCheck): () => void;
  /**
   * Calls `onHint` for each notification on the channel, and once whenever listening (re)started, because hints may
   * have been missed. A hint has no data: listeners read the table. Returns the function that ends it.
   */
  listen(channel: string, onHint: () => void): Promise<() => Promise<void>>;
  /** Runs `work` while no other process runs work under the same lock. */
  exclusively<T>(lock: number, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}
