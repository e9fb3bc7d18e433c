import { randomUUID } from 'node:crypto';
import { adminAudience } from '@latchkey/contract';
import { createAccessTokenReader, createProofs } from '@latchkey/core';
import { type Clock, createSuspensionDetector, createVerificationClock } from '@latchkey/core/internal';
import { cachedByCost } from '../base/cached-by-cost.ts';
import type { Config } from '../config/config.ts';
import { createDatabaseClock } from '../db/database-clock.ts';
import type { Database } from '../db/types.ts';
import { createAudit } from '../domain/audit/audits.ts';
import { createBackends } from '../domain/backend/backends.ts';
import type { ClockEvent } from '../domain/clock/clock.ts';
import { createClockGuard } from '../domain/clock/clock-guard.ts';
import { createCodes } from '../domain/code/codes.ts';
import type { FailoverEvent } from '../domain/failover/failover.ts';
import { createFailover } from '../domain/failover/failovers.ts';
import { createInvitations } from '../domain/invitation/invitations.ts';
import { createSigningKeys } from '../domain/key/keys.ts';
import { createRateLimits } from '../domain/limit/limits.ts';
import { createMailOutbox } from '../domain/mail/mail-outbox.ts';
import { createNotices } from '../domain/notice/notices.ts';
import { createOneTimeTokens } from '../domain/one-time-token/one-time-tokens.ts';
import { createOperators } from '../domain/operator/operators.ts';
import { createPresence, leaseSeconds } from '../domain/presence/presence.ts';
import { appendRevocations, keyOverlapSeconds, retentionSeconds } from '../domain/revocation/revocation.ts';
import { createRevocationFeed } from '../domain/revocation/revocation-feed.ts';
import { createSecrets } from '../domain/secret/secrets.ts';
import { createSessions } from '../domain/session/sessions.ts';
import { createTenantLimitsFeed } from '../domain/tenant/tenant-limits-feed.ts';
import { createTenants } from '../domain/tenant/tenants.ts';
import { createTokens } from '../domain/token/tokens.ts';
import { createTraffic } from '../domain/traffic/traffic.ts';
import { readPresentHashes } from '../domain/user/hash/hash-cost-store.ts';
import { createPasswordHasher } from '../domain/user/password-hasher.ts';
import { createPasswordRules } from '../domain/user/password-rules.ts';
import { createUserAddresses } from '../domain/user/user-addresses.ts';
import { createUsers } from '../domain/user/users.ts';

/** Presentations in one statement, and statements at once: a pool takes more of both than the embedded database. */
const batches = { postgres: { batchSize: 256, batchLanes: 4 }, embedded: { batchSize: 64, batchLanes: 1 } };

/** A node spends at most a thousandth of its time on reading which formats of hashes accounts have. */
const presentHashesCostFactor = 1_000;

export type Domain = ReturnType<typeof createDomain>;

/** What the domain reports while it works. Called on hot paths: a member is cheap and does not throw. */
export interface DomainObserver {
  /** A batch was carried out, or failed. */
  onBatch(batch: 'rotations' | 'session_ends', size: number, tookMs: number): void;
  /** A password was hashed or checked. */
  onHashed(tookMs: number): void;
}

const noObserver: DomainObserver = { onBatch() {}, onHashed() {} };

/** Creates the domain modules in the order of their dependencies. Does no I/O. */
export function createDomain(deps: {
  config: Config;
  /** Returns the secrets, newest first; called by `secrets.load`. */
  readSecrets: () => readonly string[];
  database: Database;
  clock: Clock;
  /** Names this process in presence. Default: random. */
  serverId?: string | undefined;
  onError: (error: unknown) => void;
  /** Called during a failover of the database. Default: nothing. */
  onFailover?: (event: FailoverEvent) => void;
  /** Called when a clock is found to be wrong. Default: nothing. */
  onClock?: (event: ClockEvent) => void;
  /** Default: none. */
  observer?: DomainObserver;
  /** Is called when a key or a credential is of a secret that this node lacks. Default: nothing. */
  onMissingSecret?: () => void;
}) {
  const { config, readSecrets, database, clock, serverId = randomUUID(), onError } = deps;
  const { onFailover = () => {}, onClock = () => {}, onMissingSecret = () => {}, observer = noObserver } = deps;
  const { db } = database;
  const accessTokenSeconds = config.accessTokenExpiresInSecs;
  const ending = { appendRevocations, retentionSeconds };
  const secrets = createSecrets(readSecrets, { clock, onMissing: onMissingSecret });
  const wrap = secrets.wrappingKeys('key-wrap');
  const overlapSeconds = Math.max(config.keyOverlapInMins * 60, keyOverlapSeconds);
  const keys = createSigningKeys({ db, wrap, clock, overlapSeconds, onMissingSecret });
  const { issuer, audience } = config;
  const databaseClock = createDatabaseClock({ clock });
  const sessions = createSessions({
    db,
    clock,
    databaseClock,
    onError,
    options: {
      activeMinutes: config.tokenExpiresInMins,
      idleMinutes: config.idleTimeoutInMins ?? null,
      maxSessionsPerUser: config.maxSessionsPerUser,
      ...ending,
    },
    onEndBatch: (size, tookMs) => observer.onBatch('session_ends', size, tookMs),
  });
  const hasher = createPasswordHasher({
    memoryInKib: config.argon2MemoryInKib,
    passes: config.argon2Passes,
    concurrency: config.argon2AtOnce,
    clock,
    onHashed: observer.onHashed,
  });
  const audit = createAudit();
  const failover = createFailover({
    ...{ database, clock, databaseClock, serverId },
    options: { lostTail: config.lostTail, retentionSeconds: ending.retentionSeconds, leaseSeconds },
    writeBack: sessions.writeBack,
    endAll: sessions.endAll,
    record: (tx, report) => audit.record(tx, { action: 'failover', detail: { ...report } }),
    onEvent: onFailover,
  });
  // The lower bound: a slow answer widens the interval, and what was judged once cannot be taken back.
  const time = createVerificationClock(databaseClock.earliest);
  const clockGuard = createClockGuard({ ...{ db, clock, databaseClock, time, keys, onError }, onEvent: onClock });
  const reading = { keys: { find: keys.findPublicKey }, now: time.now };
  const suspension = createSuspensionDetector(clock);
  databaseClock.onJump(suspension.markResumed);
  databaseClock.onJump(keys.expire);
  return Object.freeze({
    databaseClock,
    suspension,
    failover,
    time,
    clockGuard,
    secrets,
    keys,
    proofs: createProofs({ clock: { ...clock, now: time.now }, nonceKeys: () => secrets.keys('dpop-nonce') }),
    codes: createCodes({
      secrets,
      databaseClock,
      expiresInSeconds: config.codeExpiresInSecs,
      requirePkce: config.requirePkce,
    }),
    tokens: createTokens({
      db,
      clock,
      databaseClock,
      secrets,
      keys,
      accessTokens: createAccessTokenReader({ ...reading, names: () => ({ issuer, audience }) }),
      adminTokens: createAccessTokenReader({
        ...reading,
        names: () => ({ issuer, audience: adminAudience(issuer) }),
      }),
      options: {
        issuer,
        audience,
        expiresInSeconds: accessTokenSeconds,
        ...ending,
        ...batches[database.kind],
      },
      onBatch: (size, tookMs) => observer.onBatch('rotations', size, tookMs),
    }),
    sessions,
    users: createUsers({
      hasher,
      rules: createPasswordRules({ minLength: config.passwordMinLength, serviceNames: serviceNamesOf(config) }),
      readPresentHashes: cachedByCost(clock, presentHashesCostFactor, () => readPresentHashes(db)),
    }),
    hasher,
    addresses: createUserAddresses(),
    tenants: createTenants(),
    tenantChanges: createTenantLimitsFeed({ db, clock, onError }),
    audit,
    limits: createRateLimits({ database, clock, options: config }),
    presence: createPresence({ db, clock, onError }, { serverId, backendId: null }),
    backends: createBackends(),
    operators: createOperators(),
    oneTimeTokens: createOneTimeTokens({ secrets }),
    mailOutbox: createMailOutbox({ secrets }),
    invitations: createInvitations(),
    notices: createNotices(),
    traffic: createTraffic({ db, clock, onError }),
    feed: createRevocationFeed({ database, databaseClock, failover, now: time.now, clockGuard, clock, onError }),
  });
}

/** What no password may be made of: the name of the service, and the host names of its front ends. */
function serviceNamesOf({ trustedOrigins, appUrls }: Config): string[] {
  return ['Latchkey', ...[...trustedOrigins, ...appUrls].map((url) => new URL(url).hostname.replace('*.', ''))];
}
