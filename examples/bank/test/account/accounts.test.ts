import { createTransactions, kyselyTransactionClass, type Transactions } from '@latchkey/sdk-server/transaction';
import { expect } from 'chai';
import type { Account, Owner } from '../../src/account/account.ts';
import {
  type Accounts,
  type BankTransaction,
  type BookingChange,
  createAccounts,
  type TransferOrder,
} from '../../src/account/accounts.ts';
import { listBookings } from '../../src/account/booking-store.ts';
import { eachDatabase } from '../each-database.ts';

let people = 0;

eachDatabase('createAccounts', (db) => {
  let transactions: Transactions<BankTransaction>;
  let accounts: Accounts;
  let told: BookingChange[];

  before(() => {
    const tell = (_tenantId: string, name: string, thing: unknown) => {
      if (name === 'BANK_TRANS') told.push(thing as BookingChange);
    };
    transactions = createTransactions({
      TransactionImplementationClass: kyselyTransactionClass(db()),
      changes: { notifyCreation: tell, notifyUpdate: tell, notifyDeletion: tell },
    });
    accounts = createAccounts(transactions);
  });

  const open = (owner: Owner, holder: string) => transactions.run((tx) => accounts.openAccount(tx, owner, holder));
  const transfer = (order: TransferOrder) => transactions.run((tx) => accounts.accountTransfer(tx, order));
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: { code: string; details?: { path: string }[] }) => [
        error.code,
        ...(error.details ?? []).map((d) => d.path),
      ],
    );
  /** Somebody new of the tenant, with an account. */
  async function somebody(tenantId = 'acme'): Promise<Owner & { account: Account }> {
    const owner = { tenantId, userId: `user${++people}` };
    return { ...owner, account: await open(owner, `Person ${people}`) };
  }
  const balanceOf = async (owner: Owner) => (await open(owner, '')).balance;

  beforeEach(() => {
    told = [];
  });

  it('opens one account for each user, with the opening balance', async () => {
    const owner = { tenantId: 'acme', userId: `user${++people}` };
    const opened = await Promise.all([open(owner, 'Ann'), open(owner, 'Ann'), open(owner, 'Somebody else')]);
    expect(new Set(opened.map(({ number }) => number)).size).to.equal(1);
    expect(opened[1]).to.include({ holder: opened[0]!.holder, balance: 100_000, version: 1 });
    expect(told.length).to.equal(1);
    const [deposit] = await listBookings(db(), owner, 10);
    expect(deposit).to.deep.equal(told[0]!.booking);
    expect(deposit).to.include({ amount: 100_000, balance: 100_000, counterpart: null });
  });

  it('moves money, and notifies both sides of their own booking', async () => {
    const [ann, bob] = [await somebody(), await somebody()];
    told = [];
    const booking = await transfer({ ...ann, to: bob.account.number, amount: 1_250 });
    expect(booking).to.include({ account: ann.account.number, amount: -1_250, balance: 98_750, version: 2 });
    expect([await balanceOf(ann), await balanceOf(bob)]).to.deep.equal([98_750, 101_250]);
    expect(told.map((news) => [news.userId, news.booking.amount])).to.deep.equal([
      [ann.userId, -1_250],
      [bob.userId, 1_250],
    ]);
    const [[debit], [credit]] = await Promise.all([listBookings(db(), ann, 1), listBookings(db(), bob, 1)]);
    expect([debit, credit]).to.deep.equal(told.map((news) => news.booking));
    expect(credit!.counterpart).to.deep.equal({ number: ann.account.number, holder: ann.account.holder });
    expect(credit!.transfer_id).to.equal(debit!.transfer_id);
  });

  it('refuses invalid transfers, and neither moves money nor notifies', async () => {
    const [ann, bob, stranger] = [await somebody(), await somebody(), await somebody('other')];
    const nobody = { tenantId: 'acme', userId: 'nobody' };
    told = [];
    const to = bob.account.number;
    expect(await codeOf(transfer({ ...ann, to, amount: 100_001 }))).to.deep.equal(['invalid_request', 'amount']);
    expect(await codeOf(transfer({ ...ann, to: ann.account.number, amount: 1 }))).to.deep.equal([
      'invalid_request',
      'to',
    ]);
    expect(await codeOf(transfer({ ...ann, to: 1, amount: 1 }))).to.deep.equal(['not_found', 'to']);
    expect(await codeOf(transfer({ ...ann, to: stranger.account.number, amount: 1 }))).to.deep.equal([
      'not_found',
      'to',
    ]);
    expect(await codeOf(transfer({ ...nobody, to, amount: 1 }))).to.deep.equal(['not_found']);
    expect(told).to.deep.equal([]);
    for (const owner of [ann, bob, stranger]) expect(await balanceOf(owner)).to.equal(100_000);
  });

  it('keeps the sum while many pay each other at once, to the last cent', async () => {
    const all = [await somebody(), await somebody(), await somebody()];
    told = [];
    const orders = Array.from({ length: 60 }, (_, turn) => ({
      ...all[turn % 3]!,
      to: all[(turn + 1 + (turn % 2)) % 3]!.account.number,
      amount: 30_000 + turn,
    }));
    const outcomes = await Promise.all(orders.map((order) => codeOf(transfer(order))));
    const done = outcomes.filter((outcome) => outcome === 'done').length;
    expect(outcomes.filter((outcome) => outcome !== 'done').every((refused) => refused[1] === 'amount')).to.equal(true);
    const balances = await Promise.all(all.map(balanceOf));
    expect(balances.reduce((sum, balance) => sum + balance, 0)).to.equal(300_000);
    expect(done).to.be.within(3, 60);
    expect(told.length).to.equal(2 * done);
    for (const owner of all) {
      const bookings = await listBookings(db(), owner, 100);
      expect(bookings.reduce((sum, { amount }) => sum + amount, 0)).to.equal(await balanceOf(owner));
      expect(bookings.map(({ version }) => version)).to.deep.equal(bookings.map((_, index) => bookings.length - index));
    }
  });
});
