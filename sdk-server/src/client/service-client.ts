import { randomUUID } from 'node:crypto';
import { type AccessTokenMetadata, backendPushes, type EndReason, type Introspection } from '@latchkey/contract';
import { type Authority, type Causes, createCauses } from '@latchkey/core';
import { type Clock, createListeners, type Logger, type SuspensionDetector } from '@latchkey/core/internal';
import { createServiceConnection } from './connection.ts';
import { createPresenceCache, type PresenceView } from './presence-cache.ts';
import { createPresenceReader } from './presence-reader.ts';
import { createPresenceReporter } from './presence-reporter.ts';
import { createRemoteAuthority } from './remote-authority.ts';
import { createRemoteTenantLimits, type TenantLimitsClient } from './remote-tenant-limits.ts';
import { createRevocationCache } from './revocation-cache.ts';
import { createRevocationReader, type FeedState } from './revocation-reader.ts';
import { createServiceClock } from './service-clock.ts';
import { createTokenMetadata } from './token-metadata.ts';

export interface ServiceClientOptions {
  readonly url: string;
  readonly backendId: string;
  readonly backendSecret: string;
  readonly clock: Clock;
  /** Runs while the connection is open. */
  readonly suspension: SuspensionDetector;
  readonly log: Logger;
  /** Default: of this connection alone. */
  readonly causes?: Causes | undefined;
  /** `iss` and `aud` of access tokens. Default: what the service says. */
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly maxStalenessMs: number;
  /** How long the service may take to answer a call. Default: 5 s. */
  readonly callTimeoutMs?: number;
}

/** A backend's connection to the service: its authority and its revocation cache. */
export interface ServiceClient {
  readonly authority: Authority;
  /** Random for each start of this process. */
  readonly serverId: string;
  /** Presence on all servers. */
  readonly presenceCache: PresenceView;
  readonly tenantLimits: TenantLimitsClient;
  endedReason(sid: string): EndReason | undefined;
  /** What access tokens have to name. Absent: what `composeLatchkey` got. */
  tokenMetadata?(): Required<AccessTokenMetadata>;
  /** Returns the state and the claims of a token (RFC 7662). @throws forbidden without the scope `introspect` · unavailable */
  introspect(token: string): Promise<Introspection>;
  feed(): FeedState;
  isConnected(): boolean;
  /** Resolves when the first list of ended sessions is loaded. @throws Error once the connection to the service is closed */
  ready(): Promise<void>;
  /** By which access tokens, proofs and ended sessions are judged, in epoch ms of the service's database; never goes back. */
  now(): number;
  /** Calls `listener` when the signing keys may have changed: the service says so, or the connection was down. */
  onKeysChanged(listener: () => void): void;
  /** To be called when the signing keys were read again. */
  markKeysRefreshed(): void;
  /** Sizes for metrics. */
  counts(): { ended: number; sessions: number; waiting: number };
  open(): void;
  close(): void;
}

export function createServiceClient(options: ServiceClientOptions): ServiceClient {
  const { clock, suspension, log, maxStalenessMs, callTimeoutMs = 5_000 } = options;
  const causes = options.causes ?? createCauses({ log, clock });
  const serverId = randomUUID();
  const ended = createListeners<[sid: string, reason: EndReason]>();
  const connection = createServiceConnection({ ...options, causes, serverId, callTimeoutMs });
  const time = createServiceClock({ clock, log, causes });
  const cache = createRevocationCache({ clock, now: time.now });
  const presenceReporter = createPresenceReporter({ connection, clock });
  const presenceCache = createPresenceCache({ connection });
  const presenceReader = createPresenceReader({ connection, cache: presenceCache, clock, causes });
  const tenantLimits = createRemoteTenantLimits({ connection });
  const tokenMetadata = createTokenMetadata({ ...options, causes });
  const reader = createRevocationReader({
    ...{ connection, cache, time, clock, suspension, log, causes, maxStalenessMs },
    onSubscribed({ tenantsSeq, ...names }) {
      tokenMetadata.learn(names);
      if (tenantsSeq !== undefined) tenantLimits.checkSequence(tenantsSeq);
      // Behind the feed, which must not wait for it.
      presenceReader.start();
    },
    onEnded: ended.emit,
  });
  const authority = createRemoteAuthority({
    ...{ connection, presenceReporter, cache },
    onTenantChanged: tenantLimits.onChanged,
    onEnded: ended.add,
  });

  return Object.freeze<ServiceClient>({
    authority,
    serverId,
    presenceCache: { all: presenceCache.all, onChange: presenceCache.onChange },
    tenantLimits: tenantLimits.client,
    endedReason: cache.endedReason,
    tokenMetadata: tokenMetadata.current,
    introspect: (token) => connection.call('introspect', { token }),
    feed: reader.state,
    now: time.now,
    isConnected: connection.isConnected,
    ready: reader.ready,
    onKeysChanged(listener) {
      connection.on(backendPushes.keysChanged, listener);
      connection.onConnected(listener);
      time.onSetBack(listener);
    },
    markKeysRefreshed: time.markKeysRefreshed,
    counts: () => ({ ended: cache.size(), ...presenceReporter.counts() }),
    open() {
      suspension.start();
      connection.open();
    },
    close() {
      presenceReporter.flush();
      reader.close();
      presenceReader.close();
      connection.close();
      cache.close();
      suspension.stop();
    },
  });
}
