import { createSessionFetch } from '../http/session-fetch.ts';
import { getInternals } from '../session/internals.ts';
import type { Session, Unsubscribe } from '../session/session.ts';
import { createAdminToken } from './admin-token.ts';
import { type AdminObserver, subscribeAdminUpdates } from './admin-updates.ts';

/** Access of an operator's session to `/admin` of the service. */
export interface Admin {
  /**
   * `fetch` with the admin token, and with a proof when the session is bound. The token is sent only to the service. It is
   * requested over the live socket when needed, renewed, and kept in memory. Rejects with `forbidden` (not an operator),
   * `reauthentication_required` (the password was entered more than twelve hours ago), `unavailable` (no live connection), or
   * as `fetch` does.
   */
  readonly fetch: typeof globalThis.fetch;
  /**
   * Reports which sessions connect and disconnect, across reconnects, until the returned function is called. Throws `TypeError`
   * when the observer lacks a function.
   */
  subscribe(observer: AdminObserver): Unsubscribe;
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
    subscribe(observer: AdminObserver) {
      for (const name of ['ready', 'update', 'error'] as const)
        if (typeof observer[name] !== 'function') throw new TypeError(`subscribe needs the function ${name}.`);
      const remove = subscribeAdminUpdates({ ...core, token, random: Math.random }, observer);
      removals.add(remove);
      return () => {
        removals.delete(remove);
        remove();
      };
    },
  });
}

/**
 * Returns the admin functions of a session, the same object for each call. Throws `TypeError` for an object that
 * `createSession` did not make.
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
