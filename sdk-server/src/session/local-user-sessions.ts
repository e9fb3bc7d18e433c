import { assertOptions, type OptionNames } from '@latchkey/contract';
import { attempt } from '../change/attempt.ts';
import type { Clock } from '../clock.ts';
import { consoleLog } from '../console-log.ts';
import { deepFrozen } from '../deep-frozen.ts';
import type { Log } from '../log.ts';
import type { Authority, Grant, Lifetime } from '../socket/authority.ts';
import { createDeadlines, type Due, notDue } from '../socket/deadlines.ts';
import { maskError } from '../socket/trouble.ts';
import { followAuthority } from './follow-authority.ts';
import type { LocalDestroyListener, LocalDestroyReason, LocalUserSession } from './local-user-session.ts';

export interface LocalUserSessionsDeps {
  readonly clock: Clock;
  /** Random for each start of the process. */
  readonly serverId: string;
  /** Default: the console. */
  readonly log?: Log;
  /** How long a session without sockets stays, in minutes. Default 10. */
  readonly maxInactiveTimeInMinsForInactiveSession?: number;
}

/** The sessions that have, or lately had, sockets on this server. */
export interface LocalUserSessions {
  /** True while the session is held here, with or without sockets. */
  isLocalUserSession(userSession: { readonly id: string }): boolean;
  /** How many sessions of the user have a socket here. */
  countLocalSessionsByUserId(userId: string): number;
  /** True when this server made the user session; it may have gone since. */
  isUserSessionServerOrigin(userSession: { readonly zervServerId: string }): boolean;
  /** All that are held here, active and inactive. */
  getLocalUserSessions(): LocalUserSession[];
  /** Calls back with the session and the reason when one leaves; returns the function that removes the listener. */
  onLocalUserSessionDestroy(callback: LocalDestroyListener): () => void;
  /** One by its id. */
  find(sid: string): LocalUserSession | undefined;
  /** The same authority, looked at: hand it to the browser protocol in the other's place. */
  follow(authority: Authority): Authority;
  /** Forgets everything, tells nobody. */
  close(): void;
}

/** One session; `session` is set when its first socket is here. */
interface Held extends Due {
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
 * within `maxInactiveTimeInMinsForInactiveSession` minutes, or at once when the session ends anywhere. Who comes back
 * in time finds the same session again.
 *
 * @throws TypeError when an option is unknown, or the time is no positive number
 * @example
 * const sessions = createLocalUserSessions({ clock, serverId: randomUUID() });
 * mountBrowserProtocol(io, { authority: sessions.follow(authority), clock });
 * sessions.onLocalUserSessionDestroy((session, reason) => release(session.tenantId, session.userId));
 */
export function createLocalUserSessions(deps: LocalUserSessionsDeps): LocalUserSessions {
  assertOptions('createLocalUserSessions', deps, names);
  const {
    clock,
    serverId,
    log = consoleLog,
    maxInactiveTimeInMinsForInactiveSession: minutes = defaultInactiveMinutes,
  } = deps;
  const held = new Map<string, Held>();
  const listeners = new Set<LocalDestroyListener>();
  const removals: (() => void)[] = [];
  const deadlines = createDeadlines<Held>({
    clock,
    tickMs,
    onDue(due) {
      const now = clock.monotonic();
      for (const { sid, endsAt } of due) destroy(sid, endsAt <= now ? 'expired' : 'inactive');
    },
  });

  function destroy(sid: string, reason: LocalDestroyReason): void {
    const one = held.get(sid);
    if (one === undefined) return;
    held.delete(sid);
    deadlines.clear(one);
    if (one.session) tellAll({ ...one.session, active: false, connections: 0 }, reason);
  }

  function tellAll(session: LocalUserSession, reason: LocalDestroyReason): void {
    const caught = (error: unknown): void => {
      log.error({ sid: session.id, error: maskError(error, []) }, 'a listener of destroyed sessions failed');
    };
    for (const listener of [...listeners]) attempt(() => listener(Object.freeze(session), reason), caught);
  }

  /** Without sockets it waits for one; with some, their own expiry looks after the end. */
  function setDeadline(one: Held): void {
    if (one.session?.active) deadlines.clear(one);
    else deadlines.set(one, Math.min(one.endsAt, clock.monotonic() + minutes * 60_000));
  }

  function update(one: Held, connections: number): void {
    const at = new Date(clock.now());
    const { userId, tenantId, claims } = one.grant;
    one.session = Object.freeze({
      id: one.sid,
      userId,
      tenantId,
      payload: deepFrozen({ ...claims, id: userId, tenant_id: tenantId }),
      origin: one.sid,
      zervServerId: serverId,
      serverId,
      creation: one.session?.creation ?? at,
      active: connections > 0,
      connections,
      lastUpdate: at,
    });
    setDeadline(one);
  }

  function granted(grant: Grant): void {
    const endsAt = clock.monotonic() + grant.expiresInSeconds * 1_000;
    const one = held.get(grant.sid) ?? { ...notDue, sid: grant.sid, grant, endsAt, session: undefined };
    one.grant = { userId: grant.userId, tenantId: grant.tenantId, claims: grant.claims };
    one.endsAt = endsAt;
    held.set(grant.sid, one);
    if (one.session) update(one, one.session.connections);
    else setDeadline(one);
  }

  function counted(sid: string, sockets: number): void {
    const one = held.get(sid);
    if (one && (one.session || sockets > 0)) update(one, sockets);
  }

  function renewed(sid: string, lifetime: Lifetime): void {
    const one = held.get(sid);
    if (one === undefined) return;
    one.endsAt = clock.monotonic() + lifetime.expiresInSeconds * 1_000;
    if (!one.session?.active) deadlines.set(one, Math.min(one.dueAt, one.endsAt));
  }

  /** Those without sockets, whose end nobody else looks after; what the answer says of them is seen on its way. */
  function lookAgain(followed: Authority, tenantId: string | undefined): void {
    const silent = [...held.values()].filter(
      ({ session, grant }) => !session?.active && (tenantId === undefined || grant.tenantId === tenantId),
    );
    if (silent.length === 0) return;
    followed.inspect(silent.map(({ sid }) => sid)).catch((error: unknown) => {
      log.warn({ error: maskError(error, []) }, 'sessions without sockets could not be read again');
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
    onLocalUserSessionDestroy(callback: LocalDestroyListener) {
      if (typeof callback !== 'function') throw new TypeError('onLocalUserSessionDestroy needs a listener');
      const listener: LocalDestroyListener = (session, reason) => callback(session, reason);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    find,
    follow(authority: Authority) {
      const followed = followAuthority(authority, { granted, renewed, counted, ended: destroy });
      removals.push(
        authority.onEnded(destroy),
        authority.onTenantChanged((tenantId) => lookAgain(followed, tenantId)),
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
