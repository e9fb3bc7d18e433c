import { assertOptions, type OptionNames } from '@latchkey/contract';
import {
  type Authority,
  createDeadlines,
  type Grant,
  maskError,
  type Schedulable,
  type SessionLifetime,
  unscheduled,
} from '@latchkey/core';
import { type Clock, consoleLogger, createListeners, type Logger } from '@latchkey/core/internal';
import { observeAuthority } from './observe-authority.ts';
import type { LocalUserSession, SessionDestroyListener, SessionDestroyReason } from './user-session.ts';
import { toUserSession } from './user-session.ts';

/** Dependencies of {@link createLocalUserSessions}. */
export interface LocalUserSessionsDeps {
  readonly clock: Clock;
  /** Random for each start of the process. */
  readonly serverId: string;
  /** Default: the console. */
  readonly log?: Logger;
  /** How long a session without sockets stays, in minutes. Default 10. */
  readonly maxInactiveTimeInMinsForInactiveSession?: number;
}

/** The sessions that have, or lately had, sockets on this server. */
export interface LocalUserSessions {
  /** True while the session is held here, with or without sockets. */
  isLocalUserSession(userSession: { readonly id: string }): boolean;
  /** How many sessions of the user have a socket here. */
  countLocalSessionsByUserId(userId: string): number;
  /** True when this server made the user session, even if it has ended since. */
  isUserSessionServerOrigin(userSession: { readonly zervServerId: string }): boolean;
  /** All sessions that are held here, active and inactive. */
  getLocalUserSessions(): LocalUserSession[];
  /** Calls back with the session and the reason when one leaves; returns the function that removes the listener. */
  onLocalUserSessionDestroy(callback: SessionDestroyListener): () => void;
  /** One by its id. */
  find(sid: string): LocalUserSession | undefined;
  /** Wraps an authority so that its results update the user sessions. The browser protocol uses the wrapped one. */
  observe(authority: Authority): Authority;
  /** Deletes all user sessions without notifying listeners. */
  close(): void;
}

/** One session; `session` is set when its first socket is here. */
interface HeldSession extends Schedulable {
  readonly sid: string;
  grant: Pick<Grant, 'userId' | 'tenantId' | 'claims'>;
  endsAt: number;
  session: LocalUserSession | undefined;
}

const names: OptionNames<LocalUserSessionsDeps> = {
  clock: 'object',
  serverId: 'string',
  log: 'object',
  maxInactiveTimeInMinsForInactiveSession: 'positive number',
};
const defaultInactiveMinutes = 10;
const tickMs = 1_000;

/**
 * Follows the sessions on this server: active while a socket lives, inactive after, destroyed when no socket came back
 * within `maxInactiveTimeInMinsForInactiveSession` minutes, or at once when the session ends anywhere. A socket that
 * connects in time finds the same session again.
 *
 * @throws TypeError when an option is unknown, or the time is no positive number
 * @example
 * const sessions = createLocalUserSessions({ clock, serverId: randomUUID() });
 * mountBrowserProtocol(io, { authority: sessions.observe(authority), clock });
 * sessions.onLocalUserSessionDestroy((session, reason) => release(session.tenantId, session.userId));
 */
export function createLocalUserSessions(deps: LocalUserSessionsDeps): LocalUserSessions {
  assertOptions('createLocalUserSessions', deps, names);
  const {
    clock,
    serverId,
    log = consoleLogger,
    maxInactiveTimeInMinsForInactiveSession: minutes = defaultInactiveMinutes,
  } = deps;
  const held = new Map<string, HeldSession>();
  const listeners = createListeners<Parameters<SessionDestroyListener>>((error, { id }) => {
    log.error({ sid: id, err: maskError(error, []) }, 'a listener of destroyed sessions failed');
  });
  const removals: (() => void)[] = [];
  const deadlines = createDeadlines<HeldSession>({
    clock,
    tickMs,
    onDue(due) {
      const now = clock.monotonic();
      for (const { sid, endsAt } of due) destroy(sid, endsAt <= now ? 'expired' : 'inactive');
    },
  });

  function destroy(sid: string, reason: SessionDestroyReason): void {
    const one = held.get(sid);
    if (one === undefined) return;
    held.delete(sid);
    deadlines.clear(one);
    if (one.session) listeners.emit(Object.freeze({ ...one.session, active: false, connections: 0 }), reason);
  }

  /** A session without sockets waits for one. The end of one with sockets is detected by their own expiry. */
  function setDeadline(one: HeldSession): void {
    if (one.session?.active) deadlines.clear(one);
    else deadlines.set(one, Math.min(one.endsAt, clock.monotonic() + minutes * 60_000));
  }

  function update(one: HeldSession, connections: number): void {
    const { userId, tenantId, claims } = one.grant;
    const now = clock.now();
    one.session = toUserSession({
      ...{ id: one.sid, user_id: userId, tenant_id: tenantId, claims, server_id: serverId, connections },
      created_at: one.session?.creation.getTime() ?? now,
      updated_at: now,
    });
    setDeadline(one);
  }

  function onGranted(grant: Grant): void {
    const endsAt = clock.monotonic() + grant.expiresInSeconds * 1_000;
    const one = held.get(grant.sid) ?? { ...unscheduled, sid: grant.sid, grant, endsAt, session: undefined };
    one.grant = { userId: grant.userId, tenantId: grant.tenantId, claims: grant.claims };
    one.endsAt = endsAt;
    held.set(grant.sid, one);
    if (one.session) update(one, one.session.connections);
    else setDeadline(one);
  }

  function onSocketCount(sid: string, sockets: number): void {
    const one = held.get(sid);
    if (one && (one.session || sockets > 0)) update(one, sockets);
  }

  function onRenewed(sid: string, lifetime: SessionLifetime): void {
    const one = held.get(sid);
    if (one === undefined) return;
    one.endsAt = clock.monotonic() + lifetime.expiresInSeconds * 1_000;
    if (!one.session?.active) deadlines.set(one, Math.min(one.dueAt, one.endsAt));
  }

  /**
   * User sessions without sockets, whose end is not detected otherwise. The authority reports ended ones while it
   * answers.
   */
  function recheckInactive(followed: Authority, tenantId: string | undefined): void {
    const silent = [...held.values()].filter(
      ({ session, grant }) => !session?.active && (tenantId === undefined || grant.tenantId === tenantId),
    );
    if (silent.length === 0) return;
    followed.inspect(silent.map(({ sid }) => sid)).catch((error: unknown) => {
      log.warn({ err: maskError(error, []) }, 'sessions without sockets could not be read again');
    });
  }

  const all = () => Array.from(held.values(), ({ session }) => session).filter((session) => session !== undefined);
  const find = (sid: string) => held.get(sid)?.session;

  return Object.freeze({
    isLocalUserSession: ({ id }: { readonly id: string }) => find(id) !== undefined,
    countLocalSessionsByUserId: (userId: string) =>
      all().filter((session) => session.active && session.userId === userId).length,
    isUserSessionServerOrigin: ({ zervServerId }: { readonly zervServerId: string }) => zervServerId === serverId,
    getLocalUserSessions: all,
    onLocalUserSessionDestroy(callback: SessionDestroyListener) {
      if (typeof callback !== 'function') throw new TypeError('onLocalUserSessionDestroy needs a listener');
      return listeners.add(callback);
    },
    find,
    observe(authority: Authority) {
      const followed = observeAuthority(authority, { onGranted, onRenewed, onSocketCount, onEnded: destroy });
      removals.push(
        authority.onEnded(destroy),
        authority.onTenantChanged((tenantId) => recheckInactive(followed, tenantId)),
      );
      return followed;
    },
    close() {
      for (const remove of removals.splice(0)) remove();
      deadlines.close();
      held.clear();
      listeners.clear();
    },
  });
}
