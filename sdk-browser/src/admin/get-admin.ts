import { createSessionFetch } from '../fetch/session-fetch.ts';
import { getInternals } from '../inside.ts';
import type { Session, Unsubscribe } from '../session.ts';
import { createAdminToken } from './admin-token.ts';
import { type AdminObserver, subscribeAdminUpdates } from './admin-updates.ts';

/** What an operator's session may do at the service's `/admin`. */
export interface Admin {
  /**
   * `fetch` with the session's admin token, and its proof when the session is bound, for the service alone. The token is
   * asked for over the live socket when it is needed, renewed, and kept in memory. Rejects with `forbidden` (no
   * operator), `reauthentication_required` (the password was shown more than twelve hours ago) or `unavailable` (no live
   * connection); otherwise as `fetch` does.
   */
  readonly fetch: typeof globalThis.fetch;
  /** Hears which sessions come and go, over reconnects, until the returned function is called. */
  subscribe(follower: AdminObserver): Unsubscribe;
}

const admins = new WeakMap<Session, Admin>();

function openAdmin(session: Session): Admin {
  const { core, options } = getInternals(session);
  const token = createAdminToken(core);
  const removals = new Set<Unsubscribe>();
  core.closed.addEventListener('abort', () => {
    for (const remove of removals) remove();
  });
  return Object.freeze({
    fetch: createSessionFetch({
      url: options.url,
      origins: new Set([new URL(options.url).origin]),
      access: token,
      prover: core.prover,
      isSignedIn: () => core.tokenStore.read() !== undefined,
      renew: token.renew,
    }),
    subscribe(follower: AdminObserver) {
      for (const name of ['ready', 'update', 'error'] as const)
        if (typeof follower[name] !== 'function') throw new TypeError(`subscribe needs the function ${name}.`);
      const remove = subscribeAdminUpdates({ ...core, token, random: Math.random }, follower);
      removals.add(remove);
      return () => {
        removals.delete(remove);
        remove();
      };
    },
  });
}

/**
 * The operators' side of a session; the same object each time.
 *
 * @example
 * import { getAdmin } from '@latchkey/sdk-browser/admin';
 * const admin = getAdmin(session);
 * const { users } = await (await admin.fetch('/admin/users?disabled=true')).json();
 * const unsubscribe = admin.subscribe({ ready: load, update: ({ changes }) => show(changes), error: ({ code }) => explain(code) });
 */
export function getAdmin(session: Session): Admin {
  const admin = admins.get(session) ?? openAdmin(session);
  admins.set(session, admin);
  return admin;
}
