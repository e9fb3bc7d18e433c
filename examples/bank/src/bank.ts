import { createServer, type Server as HttpServer } from 'node:http';
import { createLatchkey, type Latchkey, type Logger, userRoom } from '@latchkey/sdk-server';
import { kyselyIdempotencyStore } from '@latchkey/sdk-server/api';
import { kyselyTransactionClass } from '@latchkey/sdk-server/transaction';
import type { Kysely } from 'kysely';
import type { Server } from 'socket.io';
import { type BookingChange, bookingChange, createAccounts } from './account/accounts.ts';
import { createApi } from './api/api.ts';
import type { BankConfig } from './config/env.ts';
import type { BankSchema } from './database/schema.ts';
import { createHttpApp } from './http/server.ts';
import { createOnline } from './online/online.ts';

/** A node of the bank. */
interface Bank {
  readonly latchkey: Latchkey;
  /** Creates the table of idempotency keys and listens. Rejects when the database or the port is not available: TypeError with a sentence for the port. */
  listen(): Promise<void>;
  /** Closes the server and the database. Call it after `latchkey.shutdown()`. */
  close(): Promise<void>;
}

/**
 * Creates a node of the bank: the connection to the service, sockets with their calls, and the page.
 *
 * @example
 * const bank = createBank({ config, db, log });
 * await bank.listen();
 */
export function createBank({ config, db, log }: { config: BankConfig; db: Kysely<BankSchema>; log: Logger }): Bank {
  const { latchkeyUrl: url, backendId, backendSecret } = config;
  const latchkey = createLatchkey({ url, backendId, backendSecret, log });
  const http = createServer();
  const io = latchkey.socketServe(http, { origins: [config.publicUrl] });
  const transactions = latchkey.transactions(kyselyTransactionClass(db));
  const idempotency = kyselyIdempotencyStore(transactions);
  const accounts = createAccounts(transactions);
  const online = createOnline({ latchkey, io, db, log });
  createApi({ latchkey, io, transactions, idempotency, accounts, online });
  http.on('request', createHttpApp({ config, latchkey, db, log }).callback());
  notifyOwners(latchkey, io);

  return Object.freeze<Bank>({
    latchkey,
    async listen() {
      await idempotency.createTable();
      await listen(http, config.port);
    },
    async close() {
      latchkey.close();
      await io.close();
      await db.destroy();
    },
  });
}

/** Each node receives the change event of a booking after its commit, and emits it to the owner's sockets on this node. */
function notifyOwners(latchkey: Pick<Latchkey, 'onChanges'>, io: Server): void {
  latchkey.onChanges(bookingChange, (_tenantId, change) => {
    const { userId, booking } = change as BookingChange;
    io.local.to(userRoom(userId)).emit('booking', booking);
  });
}

function listen(http: HttpServer, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(toListenError(error, port)));
    http.listen(port, '127.0.0.1', () => resolve());
  });
}

function toListenError(error: NodeJS.ErrnoException, port: number): Error {
  const taken = `BANK_PORT: ${port} on 127.0.0.1 is taken by another process. Set another BANK_PORT, or end that process.`;
  const refused = `BANK_PORT: this user may not listen on ${port}. Set a BANK_PORT of 1024 or more.`;
  const sentence = { EADDRINUSE: taken, EACCES: refused }[error.code ?? ''];
  return sentence === undefined ? error : new TypeError(sentence, { cause: error });
}
