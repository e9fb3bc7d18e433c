import type { Proofs, SuspensionWatch } from '@latchkey/sdk-server';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import type { DatabaseClock } from '../db/database-clock.ts';
import type { Db } from '../db/schema.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { Backends } from '../domain/backend/backends.ts';
import type { BlacklistFeed } from '../domain/blacklist/blacklist-feed.ts';
import type { Codes } from '../domain/code/codes.ts';
import type { Keys } from '../domain/key/keys.ts';
import type { Limits } from '../domain/limit/limits.ts';
import type { Operators } from '../domain/operator/operators.ts';
import type { Presence } from '../domain/presence/presence.ts';
import type { Secrets } from '../domain/secret/secrets.ts';
import type { Sessions } from '../domain/session/sessions.ts';
import type { TenantChanges } from '../domain/tenant/tenant-changes.ts';
import type { Tenants } from '../domain/tenant/tenants.ts';
import type { Tokens } from '../domain/token/tokens.ts';
import type { Traffic } from '../domain/traffic/traffic.ts';
import type { Users } from '../domain/user/users.ts';
import type { Hooks } from '../hook/hook.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import type { Log } from '../ops/log.ts';

/** The rooms that flows ask. */
export interface FlowNeeds {
  readonly db: Db;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly suspension: Pick<SuspensionWatch, 'look' | 'resumedAt'>;
  readonly config: Pick<
    Config,
    | 'appUrls'
    | 'defaultScopes'
    | 'issuer'
    | 'ownOrigins'
    | 'requirePkce'
    | 'rotateInSecs'
    | 'tokenExpiresInMins'
    | 'idleTimeoutInMins'
  >;
  readonly hooks: Hooks;
  readonly users: Users;
  readonly tenants: Tenants;
  readonly tenantChanges: TenantChanges;
  readonly limits: Limits;
  readonly audit: Audit;
  readonly secrets: Secrets;
  readonly codes: Codes;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly keys: Keys;
  readonly proofs: Proofs;
  readonly feed: BlacklistFeed;
  readonly presence: Pick<Presence, 'everywhere'>;
  readonly backends: Backends;
  readonly operators: Operators;
  readonly traffic: Traffic;
  /** Refusals that only a change of the configuration ends. */
  readonly causes: Pick<ServiceCauses, 'report' | 'explain' | 'failure'>;
  readonly log: Pick<Log, 'warn'>;
  /** What happened but must not fail a request: lost audit rows, failed hooks. */
  readonly onError: (error: unknown) => void;
}
