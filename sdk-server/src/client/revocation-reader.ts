import {
  type AccessTokenMetadata,
  backendPushes,
  type EndReason,
  Failure,
  type RevocationBatch,
  type RevocationCursor,
  type RevocationEntry,
} from '@latchkey/contract';
import { heartbeatSchema, revocationBatchSchema } from '@latchkey/contract/schemas';
import type { Causes } from '@latchkey/core';
import { type Clock, createPoller, createTimer, type Logger, type SuspensionDetector } from '@latchkey/core/internal';
import type { ServiceConnection } from './connection.ts';
import { createPagedDownload } from './paged-download.ts';
import type { RevocationCache } from './revocation-cache.ts';
import type { ServiceClock } from './service-clock.ts';

/** State of the revocation cache of this process. */
export interface FeedState {
  /** True once the first snapshot is loaded. */
  readonly isReady: boolean;
  /** Milliseconds since the list was known to be whole; `Infinity` before the first snapshot. */
  readonly ageMs: number;
  readonly isStale: boolean;
  readonly cursor: RevocationCursor | undefined;
}

/** What a subscription answers beside the list of ended sessions. */
interface SubscribeResult extends AccessTokenMetadata {
  /** Number of the last change of a tenant's limits. */
  readonly tenantsSeq: number | undefined;
}

interface RevocationReaderDeps {
  readonly connection: ServiceConnection;
  readonly cache: RevocationCache;
  readonly time: Pick<ServiceClock, 'sample'>;
  readonly clock: Clock;
  readonly suspension: Pick<SuspensionDetector, 'check' | 'onResume'>;
  readonly log: Logger;
  readonly causes: Pick<Causes, 'report'>;
  readonly maxStalenessMs: number;
  readonly onEnded: (sid: string, reason: EndReason) => void;
  /** Further data of a subscription's answer. Absent: not sent. */
  readonly onSubscribed?: (result: SubscribeResult) => void;
}

const retryMs = 1_000;
const watchMs = 1_000;
/** A connection without a heartbeat for so long is given up: another node may answer. */
const heartbeatTimeoutMs = 10_000;

/**
 * Keeps the revocation cache equal to the service's list: without gaps by number, from its own cursor after every lost
 * connection. A gap or another epoch leads to a new subscription.
 */
export function createRevocationReader(deps: RevocationReaderDeps) {
  const {
    connection,
    cache,
    time,
    clock,
    suspension,
    log,
    causes,
    maxStalenessMs,
    onEnded,
    onSubscribed = () => {},
  } = deps;
  const waiting = new Set<{ resolve: () => void; reject: (error: Error) => void }>();
  const download = createPagedDownload();
  let cursor: RevocationCursor | undefined;
  let isReady = false;
  let isClosed = false;
  let freshAt = Number.NEGATIVE_INFINITY;
  let lastMessageAt = clock.monotonic();
  let isSubscribing = false;
  let attempt = 0;
  let wasStale = false;
  const retry = createTimer(clock, subscribe);
  const watcher = createPoller({ poll: watch, periodMs: watchMs, clock });

  const ageMs = () => clock.monotonic() - freshAt;
  function notifyEnded(entries: readonly RevocationEntry[]): void {
    for (const { sid, reason } of entries) onEnded(sid, reason);
  }

  function applySnapshot({ epoch, seq, entries }: RevocationBatch): void {
    // A promoted replica may have lost ends that this process knows; a node that lags behind the one before, too.
    if (cursor?.epoch !== epoch) cache.resetSequence();
    const added = cache.replace(entries, seq);
    cursor = { epoch, seq };
    isReady = true;
    for (const { resolve } of waiting) resolve();
    waiting.clear();
    notifyEnded(added);
  }

  /** False when something is missing between the cursor and the batch, or inside it. */
  function applyDelta({ epoch, seq, entries }: RevocationBatch): boolean {
    if (cursor === undefined || cursor.epoch !== epoch) return false;
    for (const entry of entries) {
      if (entry.seq <= cursor.seq) continue;
      if (entry.seq !== cursor.seq + 1) return false;
      cursor = { epoch, seq: entry.seq };
      if (cache.add(entry)) notifyEnded([entry]);
    }
    return seq <= cursor.seq;
  }

  /** @param readAt when the service has read its own list to the end, at the latest */
  function apply(batch: RevocationBatch, readAt: number): boolean {
    if (batch.kind === 'snapshot') applySnapshot(batch);
    else if (!applyDelta(batch)) return false;
    // One that counts less comes from a node that lags: no hole, and no proof of freshness either.
    if (batch.seq === cursor?.seq) freshAt = Math.max(freshAt, readAt);
    return true;
  }

  function onFailedSubscription(error: unknown): void {
    causes.report('revocations_unavailable', { reason: error instanceof Failure ? error.code : String(error) });
    // Such as a scope that the backend lacks: the caller of ready() gets the reason, and the next attempt follows.
    if (error instanceof Failure && !error.retryable) rejectWaiting(error);
  }

  function subscribe(): void {
    if (!connection.isConnected()) return;
    retry.cancel();
    attempt += 1;
    const [mine, askedAt] = [attempt, clock.monotonic()];
    isSubscribing = true;
    connection.request('subscribe', { ...cursor, part: download.next() }, (read) => {
      if (mine !== attempt) return;
      isSubscribing = false;
      try {
        const answer = read();
        // No heartbeat comes before the last part, so each part counts as one.
        lastMessageAt = clock.monotonic();
        const whole = download.add(answer);
        if (whole === undefined) return subscribe();
        time.sample(whole.now, whole.feed.epoch);
        onSubscribed({ tenantsSeq: whole.tenants_seq, issuer: whole.issuer, audience: whole.audience });
        if (apply(whole.feed, askedAt - whole.feed_age_ms)) return;
        cursor = undefined;
      } catch (error) {
        download.restart();
        onFailedSubscription(error);
      }
      retry.reset(retryMs);
    });
  }

  /**
   * After a suspension of this process. What it reads next may have been sent long before, so that no heartbeat of that
   * connection proves freshness.
   */
  function subscribeAfterSuspension(): void {
    log.warn({}, 'the process was suspended; subscribing to the revocation feed again');
    lastMessageAt = clock.monotonic();
    download.restart();
    subscribe();
  }

  function onRevocations(payload: unknown): void {
    suspension.check();
    if (isSubscribing) return;
    const batch = revocationBatchSchema.safeParse(payload);
    if (!batch.success || !apply(batch.data, freshAt)) subscribe();
  }

  function onHeartbeat(payload: unknown): void {
    suspension.check();
    lastMessageAt = clock.monotonic();
    const beat = heartbeatSchema.safeParse(payload);
    if (beat.success) time.sample(beat.data.now, beat.data.epoch);
    if (isSubscribing) return;
    if (!beat.success || beat.data.epoch !== cursor?.epoch || beat.data.seq > cursor.seq) subscribe();
    else if (beat.data.seq === cursor.seq) freshAt = clock.monotonic();
  }

  function logStaleness(): void {
    const isStale = ageMs() > maxStalenessMs;
    if (isStale === wasStale || !isReady) return;
    wasStale = isStale;
    if (isStale) log.warn({ age_ms: Math.round(ageMs()) }, 'revocations_stale: the revocation list is out of date');
    else log.warn({ seq: cursor?.seq }, 'the revocation list is complete again');
  }

  function rejectWaiting(error: Error): void {
    for (const { reject } of waiting) reject(error);
    waiting.clear();
  }

  /** Resolves after the first snapshot; rejects when the service refuses this backend, and once this is closed. */
  function ready(): Promise<void> {
    if (isClosed) return Promise.reject(closedError());
    const refusal = connection.refusal();
    if (refusal !== undefined && !isReady) return Promise.reject(refusal);
    return isReady ? Promise.resolve() : new Promise((resolve, reject) => void waiting.add({ resolve, reject }));
  }

  function watch(): void {
    logStaleness();
    if (connection.isConnected() && clock.monotonic() - lastMessageAt > heartbeatTimeoutMs) {
      lastMessageAt = clock.monotonic();
      connection.reconnect();
    }
  }

  watcher.start();
  connection.on(backendPushes.blacklist, onRevocations);
  connection.on(backendPushes.heartbeat, onHeartbeat);
  const stopWatchingSuspension = suspension.onResume(subscribeAfterSuspension);
  connection.onRefused(rejectWaiting);
  connection.onConnected(() => {
    lastMessageAt = clock.monotonic();
    download.restart();
    subscribe();
  });

  return Object.freeze({
    state: () => ({ isReady, ageMs: ageMs(), isStale: ageMs() > maxStalenessMs, cursor }),
    ready,
    close() {
      isClosed = true;
      rejectWaiting(closedError());
      attempt += 1;
      retry.cancel();
      void watcher.stop();
      stopWatchingSuspension();
    },
  });
}

function closedError(): Error {
  return new Error('The connection to the service was closed, so the revocation cache is no longer updated.');
}
