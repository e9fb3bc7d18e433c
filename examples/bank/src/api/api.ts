import type { Latchkey } from '@latchkey/sdk-server';
import type { AnyIdempotencyStore, TransactionFactory } from '@latchkey/sdk-server/api';
import type { Server } from 'socket.io';
import { z } from 'zod';
import { maxAmount } from '../account/account.ts';
import type { Accounts, BankTransaction } from '../account/accounts.ts';
import type { Online } from '../online/online.ts';

interface ApiDeps {
  readonly latchkey: Pick<Latchkey, 'apiRouter'>;
  readonly io: Server;
  readonly transactions: TransactionFactory<BankTransaction>;
  readonly idempotency: AnyIdempotencyStore<BankTransaction>;
  readonly accounts: Accounts;
  readonly online: Online;
}

const noAccount = 'There is no account with this number.';
const nothing = z.strictObject({});
const order = z.strictObject({
  to: z.int('An account has a number, such as 1001.').min(1, noAccount).max(2_147_483_647, noAccount),
  amount: z
    .int('An amount is a number of cents.')
    .min(1, 'An amount is more than zero.')
    .max(maxAmount, 'One transfer moves at most €1,000,000.'),
});

/** The calls that browsers make over their sockets. */
export function createApi({ latchkey, io, transactions, idempotency, accounts, online }: ApiDeps) {
  return latchkey
    .apiRouter<BankTransaction>(io, 'api', { transactions, idempotency })
    .on('openAccount', { input: nothing, transactional: true }, async function () {
      const transaction = this.getTransaction();
      transaction.onCommit(() => online.announce(this.tenantId));
      return accounts.openAccount(transaction, this, holderOf(this.user));
    })
    .on('accountTransfer', { input: order, transactional: true }, function ({ to, amount }) {
      const { tenantId, userId } = this;
      return accounts.accountTransfer(this.getTransaction(), { tenantId, userId, to, amount });
    })
    .on('online', { input: nothing, passive: true }, (_params, { tenantId }) => online.list(tenantId));
}

/** Type of the calls, for `getApi<Api>(session, 'api')` in the browser. */
export type Api = ReturnType<typeof createApi>;

/** Holder's name: the claim `name`, which the bank's hook adds in the service (`hooks.ts`). */
function holderOf(user: Readonly<Record<string, unknown>>): string {
  return typeof user.name === 'string' && user.name !== '' ? user.name.slice(0, 80) : 'Unnamed user';
}
