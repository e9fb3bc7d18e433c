import type { StorageAdapter } from './storage-adapter.ts';

/** What a mail with a ticket is for. */
type TicketPurpose = 'verify_email' | 'sign_in' | 'reset_password';

/** What this browser keeps of a mail that it requested. The code of the mail is valid only with the `ticket`. */
export interface KeptTicket {
  readonly ticket: string;
  readonly email: string;
  readonly tenant?: string | undefined;
  /** Requested scopes of the sign-in. */
  readonly scope?: string | undefined;
  /** Expiry in epoch milliseconds, by the clock of this browser. */
  readonly until: number;
}

function parse(text: string | undefined): KeptTicket | undefined {
  try {
    const { ticket, email, tenant, scope, until } = JSON.parse(text ?? '');
    const isWhole = [ticket, email, tenant ?? '', scope ?? ''].every((part) => typeof part === 'string');
    return isWhole && Number.isFinite(until) ? { ticket, email, tenant, scope, until } : undefined;
  } catch {
    return undefined;
  }
}

/** Creates the tickets in `storage`: the newest of each purpose, shared by the tabs of a session, because a link opens in a new tab. */
export function createMailTickets(storage: Pick<StorageAdapter, 'get' | 'set' | 'remove'>, now: () => number) {
  const nameOf = (purpose: TicketPurpose): string => `mail:${purpose}`;
  const find = (purpose: TicketPurpose): KeptTicket | undefined => {
    const found = parse(storage.get(nameOf(purpose)));
    if (found !== undefined && found.until > now()) return found;
    storage.remove(nameOf(purpose));
    return undefined;
  };
  return Object.freeze({
    /** Stores the ticket of a mail that is valid for some seconds, in place of the previous one of its purpose. */
    save(purpose: TicketPurpose, ticket: Omit<KeptTicket, 'until'>, expiresInSeconds: number) {
      storage.set(nameOf(purpose), JSON.stringify({ ...ticket, until: now() + expiresInSeconds * 1000 }));
    },
    /** Returns the newest ticket. Removes an expired one, and text that is no ticket. */
    find,
    /** Removes a ticket that was used, unless another tab has stored a newer one. */
    remove(purpose: TicketPurpose, ticket: string) {
      if (find(purpose)?.ticket === ticket) storage.remove(nameOf(purpose));
    },
  });
}
