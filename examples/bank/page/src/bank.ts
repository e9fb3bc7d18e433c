import type { Session, SessionState } from '@latchkey/sdk-browser';
import { apiOf } from '@latchkey/sdk-browser/api';
import type { Booking } from '../../src/account/account.ts';
import type { Api } from '../../src/api/api.ts';
import type { Holder } from '../../src/online/online.ts';
import { byId, setText } from './elements.ts';
import { mergeBookings, unbroken } from './ledger.ts';
import { showPeople } from './people.ts';
import { showStatement } from './statement.ts';
import { createTransferForm } from './transfer.ts';
import { newsOf, wordsOfError } from './words.ts';

/** The signed-in person's account: what it holds, what moves, who is there. */
interface BankView {
  /** Reads everything again whenever the connection is new. */
  update(state: SessionState): void;
}

export function createBank(session: Session): BankView {
  const api = apiOf<Api>(session, 'api');
  const trouble = byId('trouble', HTMLElement);
  const news = byId('news', HTMLElement);
  let bookings: readonly Booking[] = [];
  let own = 0;
  let owner: string | undefined;
  let isLive = false;

  const form = createTransferForm((order, idempotencyKey) => api.call('accountTransfer', order, { idempotencyKey }));
  const showOnline = (holders: readonly Holder[]) => showPeople(holders, own, form.pay);

  /** False when something in between was never told. */
  function take(told: readonly Booking[]): boolean {
    const merged = mergeBookings(bookings, told);
    bookings = unbroken(merged);
    showStatement(bookings);
    return bookings.length === merged.length;
  }

  /** What was asked for one person is of no use to the next. */
  async function ask<T>(question: Promise<T>, use: (answer: T) => unknown): Promise<void> {
    const asker = owner;
    const answer = await question;
    if (asker === owner) use(answer);
  }

  async function fetchBookings(): Promise<Booking[]> {
    const answer = await session.fetch('/bookings');
    if (!answer.ok) throw new TypeError(`/bookings answered ${answer.status}`);
    return (await answer.json()) as Booking[];
  }

  async function read(): Promise<void> {
    await ask(api.call('openAccount', {}), ({ number, holder }) => {
      own = number;
      setText(byId('number', HTMLElement), String(number));
      setText(byId('holder', HTMLElement), holder);
    });
    await ask(fetchBookings(), take);
    await ask(api.call('online', {}), showOnline);
  }

  function attempt(work: () => Promise<void>): void {
    setText(trouble, '');
    work().catch((error: unknown) => {
      if (isLive) setText(trouble, wordsOfError(error));
    });
  }

  api.on<Booking>('booking', (booking) => {
    if (!take([booking])) attempt(() => ask(fetchBookings(), take));
    setText(news, newsOf(booking));
  });
  api.on<Holder[]>('online', showOnline);

  /** Another person on the same page begins with nothing of the first one's. */
  function forget(user: string | undefined): void {
    owner = user;
    bookings = [];
    own = 0;
    setText(news, '');
    showStatement(bookings);
    showOnline([]);
  }

  return Object.freeze<BankView>({
    update({ status, user }) {
      const wasLive = isLive;
      isLive = status === 'active' || status === 'refreshing';
      if (user?.id !== owner) forget(user?.id);
      if (isLive && !wasLive) attempt(read);
    },
  });
}
