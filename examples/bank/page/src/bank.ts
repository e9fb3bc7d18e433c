import type { Session, SessionState } from '@latchkey/sdk-browser';
import { getApi } from '@latchkey/sdk-browser/api';
import type { Booking } from '../../src/account/account.ts';
import type { Api } from '../../src/api/api.ts';
import type { Holder } from '../../src/online/online.ts';
import { byId, setText } from './elements.ts';
import { mergeBookings, withoutGaps } from './ledger.ts';
import { describeBooking, describeError } from './messages.ts';
import { showOnlineHolders } from './online-list.ts';
import { showStatement } from './statement.ts';
import { createTransferForm } from './transfer.ts';

/** The signed-in person's account: what it holds, what moves, who is there. */
interface BankView {
  /** Reads everything again whenever the connection is new. */
  update(state: SessionState): void;
}

export function createBankView(session: Session): BankView {
  const api = getApi<Api>(session, 'api');
  const alert = byId('trouble', HTMLElement);
  const notice = byId('news', HTMLElement);
  let bookings: readonly Booking[] = [];
  let own = 0;
  let owner: string | undefined;
  let isLive = false;

  const form = createTransferForm((order, idempotencyKey) => api.call('accountTransfer', order, { idempotencyKey }));
  const showOnline = (holders: readonly Holder[]) => showOnlineHolders(holders, own, form.pay);

  /** False when something in between was never told. */
  function take(received: readonly Booking[]): boolean {
    const merged = mergeBookings(bookings, received);
    bookings = withoutGaps(merged);
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
    setText(alert, '');
    work().catch((error: unknown) => {
      if (isLive) setText(alert, describeError(error));
    });
  }

  api.on<Booking>('booking', (booking) => {
    if (!take([booking])) attempt(() => ask(fetchBookings(), take));
    setText(notice, describeBooking(booking));
  });
  api.on<Holder[]>('online', showOnline);

  /** Another person on the same page begins with nothing of the first one's. */
  function reset(user: string | undefined): void {
    owner = user;
    bookings = [];
    own = 0;
    setText(notice, '');
    showStatement(bookings);
    showOnline([]);
  }

  return Object.freeze<BankView>({
    update({ status, user }) {
      const wasLive = isLive;
      isLive = status === 'active' || status === 'refreshing';
      if (user?.id !== owner) reset(user?.id);
      if (isLive && !wasLive) attempt(read);
    },
  });
}
