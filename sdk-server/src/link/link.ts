import { randomUUID } from 'node:crypto';
import { type AccessTokenNames, backendPushes, type EndReason, type Introspection } from '@latchkey/contract';
import { type Causes, createCauses } from '../cause/causes.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Authority } from '../socket/authority.ts';
import type { SuspensionWatch } from '../suspension.ts';
import { introspection } from './answers.ts';
import { createServiceConnection } from './connection.ts';
import { createFeedReader, type FeedState } from './feed-reader.ts';
import { createMirror } from './mirror.ts';
import { createPresenceList } from './presence-list.ts';
import { createPresenceNews } from './presence-news.ts';
import { createRemoteAuthority } from './remote-authority.ts';
import { createRemoteTenants, type TenantDoor } from './remote-tenants.ts';
import { createServiceTime } from './service-time.ts';
import { createTokenNames } from './token-names.ts';
import { createUserSessionReader, type UserSessions } from './user-session-reader.ts';

export interface LinkOptions {
  readonly url: string;
  readonly backendId: string;
  readonly backendSecret: string;
  readonly clock: Clock;
  /** Runs while the link is open. */
  readonly suspension: SuspensionWatch;
  readonly log: Log;
  /** Default: of this link alone. */
  readonly causes?: Causes | undefined;
  /** `iss` and `aud` of access tokens. Default: what the service says. */
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly maxStalenessMs: number;
  /** How long the service may take to answer a call. Default: 5 s. */
  readonly answerMs?: number;
}

/** A backend's line to the service: its authority, and its mirror of the sessions that ended. */
export interface Link {
  readonly authority: Authority;
  /** Random for each start of this process. */
  readonly serverId: string;
  /** Who is where in the whole cluster. */
  readonly userSessions: UserSessions;
  readonly tenants: TenantDoor;
  endedReason(sid: string): EndReason | undefined;
  /** What access tokens have to name. Absent: what `composeLatchkey` got. */
  tokenNames?(): Required<AccessTokenNames>;
  /** RFC 7662: what a token is worth now. @throws forbidden without the scope `introspect` · unavailable */
  introspect(token: string): Promise<Introspection>;
  feed(): FeedState;
  isUp(): boolean;
  /** Resolves when the first list of ended sessions is loaded. @throws Error once a line to the service is closed */
  ready(): Promise<void>;
  /** By which access tokens, proofs and ended sessions are judged, in epoch ms of the service's database; never goes back. */
  now(): number;
  /** Calls `listener` when the signing keys may have changed: the service says so, or the connection was down. */
  onKeysChanged(listener: () => void): void;
  /** To be called when the signing keys were read again. */
  keysRenewed(): void;
  /** Sizes for metrics. */
  counts(): { ended: number; sessions: number; waiting: number };
  open(): void;
  close(): void;
}

export function createLink(options: LinkOptions): Link {
  const { clock, suspension, log, maxStalenessMs, answerMs = 5_000 } = options;
  const causes = options.causes ?? createCauses({ log, clock });
  const serverId = randomUUID();
  const listeners = new Set<(sid: string, reason: EndReason) => void>();
  const connection = createServiceConnection({ ...options, causes, serverId, answerMs });
  const time = createServiceTime({ clock, log, causes });
  const mirror = createMirror({ clock, now: time.now });
  const news = createPresenceNews({ connection, clock });
  const userSessions = createUserSessionReader({ connection });
  const presenceList = createPresenceList({ connection, reader: userSessions, clock, causes });
  const tenants = createRemoteTenants({ connection });
  const tokenNames = createTokenNames({ ...options, causes });
  const reader = createFeedReader({
    ...{ connection, mirror, time, clock, suspension, log, causes, maxStalenessMs },
    onNews({ tenantsSeq, ...names }) {
      tokenNames.learn(names);
      if (tenantsSeq !== undefined) tenants.subscribed(tenantsSeq);
      // Behind the feed, which must not wait for it.
      presenceList.start();
    },
    onEnded: (sid, reason) => {
      for (const listener of listeners) listener(sid, reason);
    },
  });
  const authority = createRemoteAuthority({
    ...{ connection, news, mirror },
    onTenantChanged: tenants.onChanged,
    onEnded: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });

  return Object.freeze<Link>({
    authority,
    serverId,
    userSessions: { all: userSessions.all, onChange: userSessions.onChange },
    tenants: { get: tenants.get, set: tenants.set },
    endedReason: mirror.reason,
    tokenNames: tokenNames.current,
    introspect: (token) => connection.call('introspect', { token }, introspection),
    feed: reader.state,
    now: time.now,
    isUp: connection.isUp,
    ready: reader.ready,
    onKeysChanged(listener) {
      connection.on(backendPushes.keysChanged, listener);
      connection.onUp(listener);
      time.onSetBack(listener);
    },
    keysRenewed: time.keysRenewed,
    counts: () => ({ ended: mirror.size(), ...news.counts() }),
    open() {
      suspension.start();
      connection.open();
    },
    close() {
      news.flush();
      reader.close();
      presenceList.close();
      connection.close();
      mirror.close();
      suspension.stop();
    },
  });
}
