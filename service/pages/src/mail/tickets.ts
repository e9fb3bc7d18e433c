import { epochMs } from '../platform/timers.ts';

/** A mail that this browser requested. Only its `ticket` makes the code of the mail valid. */
export interface MailTicket {
  readonly ticket: string;
  readonly email: string;
  readonly tenant?: string | undefined;
  /** Origin of the app that the sign-in is for. Only the tab that began can return to it. */
  readonly app?: string | undefined;
  /** Expiry in epoch milliseconds, by the clock of this browser. */
  readonly until: number;
}

export type TicketPurpose = 'verify_email' | 'sign_in' | 'reset_password';

/** The newest ticket of each purpose. */
export interface Tickets {
  save(purpose: TicketPurpose, ticket: MailTicket): void;
  /** `undefined`: there is none, or it has expired. */
  find(purpose: TicketPurpose): MailTicket | undefined;
  remove(purpose: TicketPurpose): void;
}

interface TicketStorages {
  /** Shared by the tabs, because a link opens in a new one. */
  readonly local: Storage;
  /** Of this tab alone. */
  readonly tab: Storage;
}

const ticketBytes = 32;

/** 32 random bytes as base64url. */
export function createTicket(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ticketBytes));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/**
 * A link that resets a password needs no ticket, so the ticket of its code stays in the tab. Where the browser forbids the
 * storage, codes work only in the tab that requested them.
 */
export function createTickets(open: () => TicketStorages, now: () => number = epochMs): Tickets {
  const attempt = <Result>(use: (storage: Storage, name: string) => Result, purpose: TicketPurpose) => {
    try {
      const { local, tab } = open();
      return use(purpose === 'reset_password' ? tab : local, `latchkey:mail:${purpose}`);
    } catch {
      return undefined;
    }
  };
  const remove = (purpose: TicketPurpose) => void attempt((storage, name) => storage.removeItem(name), purpose);
  return Object.freeze<Tickets>({
    save: (purpose, ticket) => void attempt((storage, name) => storage.setItem(name, JSON.stringify(ticket)), purpose),
    find(purpose) {
      const found = parseTicket(attempt((storage, name) => storage.getItem(name), purpose) ?? 'null');
      if (found !== undefined && found.until > now()) return found;
      remove(purpose);
      return undefined;
    },
    remove,
  });
}

/** Returns the tickets of this browser. */
export function getTickets(): Tickets {
  return createTickets(() => ({ local: localStorage, tab: sessionStorage }));
}

function parseTicket(text: string): MailTicket | undefined {
  try {
    const { ticket, email, tenant, app, until } = JSON.parse(text);
    const isWhole = [ticket, email, tenant ?? '', app ?? ''].every((part) => typeof part === 'string');
    return isWhole && Number.isFinite(until) ? { ticket, email, tenant, app, until } : undefined;
  } catch {
    return undefined;
  }
}
