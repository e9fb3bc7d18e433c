import { createSessionFetch } from '../fetch/session-fetch.ts';
import { insideOf } from '../inside.ts';
import type { Remove, Session } from '../session.ts';
import { type AdminFollower, followNews } from './admin-news.ts';
import { createAdminToken } from './admin-token.ts';

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
  follow(follower: AdminFollower): Remove;
}

const admins = new WeakMap<Session, Admin>();

function open(session: Session): Admin {
  const { core, options } = insideOf(session);
  const token = createAdminToken(core);
  const removals = new Set<Remove>();
  core.closed.addEventListener('abort', () => {
    for (const remove of removals) remove();
  });
  return Object.freeze({
    fetch: createSessionFetch({
      url: options.url,
      origins: new Set([new URL(options.url).origin]),
      access: token,
      prover: core.prover,
      isSignedIn: () => core.jar.read() !== undefined,
      renew: token.mint,
    }),
    follow(follower: AdminFollower) {
      for (const name of ['begun', 'told', 'refused'] as const)
        if (typeof follower[name] !== 'function') throw new TypeError(`follow needs the function ${name}.`);
      const remove = followNews({ ...core, token, random: Math.random }, follower);
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
 * import { adminOf } from '@latchkey/sdk-browser/admin';
 * const admin = adminOf(session);
 * const { users } = await (await admin.fetch('/admin/users?disabled=true')).json();
 * const leave = admin.follow({ begun: load, told: ({ news }) => show(news), refused: ({ code }) => explain(code) });
 */
export function adminOf(session: Session): Admin {
  const admin = admins.get(session) ?? open(session);
  admins.set(session, admin);
  return admin;
}
