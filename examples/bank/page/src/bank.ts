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

/** The signed-in user's account: balance, bookings and online users. */
interface BankView {
  /** Shows a state of the session. Reads everything again after a reconnect. */
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

  /** Merges received bookings. Returns false when one in between was not received. */
  function take(received: readonly Booking[]): boolean {
    const merged = mergeBookings(bookings, received);
    bookings = withoutGaps(merged);
    showStatement(bookings);
    return bookings.length === merged.length;
  }

  /** Passes an answer to `use`, unless another user has signed in since the request. */
  async function forOwner<T>(request: Promise<T>, use: (answer: T) => unknown): Promise<void> {
    const requester = owner;
    const answer = await request;
    if (requester === owner) use(answer);
  }

  async function fetchBookings(): Promise<Booking[]> {
    const answer = await session.fetch('/bookings');
    if (!answer.ok) throw new TypeError(`/bookings answered ${answer.status}`);
    return (await answer.json()) as Booking[];
  }

  async function read(): Promise<void> {
    await forOwner(api.call('openAccount', {}), ({ number, holder }) => {
      own = number;
      setText(byId('number', HTMLElement), String(number));
      setText(byId('holder', HTMLElement), holder);
    });
    await forOwner(fetchBookings(), take);
    await forOwner(api.call('online', {}), showOnline);
  }

  function attempt(work: () => Promise<void>): void {
    setText(alert, '');
    work().catch((error: unknown) => {
      if (isLive) setText(alert, describeError(error));
    });
  }

  api.on<Booking>('booking', (booking) => {
    if (!take([booking])) attempt(() => forOwner(fetchBookings(), take));
    setText(notice, describeBooking(booking));
  });
  api.on<Holder[]>('online', showOnline);

  /** Removes everything of the previous user. */
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
