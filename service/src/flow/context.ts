import type { Proofs } from '@latchkey/core';
import type { Clock, SuspensionDetector } from '@latchkey/core/internal';
import type { Config } from '../config/config.ts';
import type { DatabaseClock } from '../db/database-clock.ts';
import type { Db } from '../db/schema.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { Backends } from '../domain/backend/backends.ts';
import type { Codes } from '../domain/code/codes.ts';
import type { Invitations } from '../domain/invitation/invitations.ts';
import type { SigningKeys } from '../domain/key/keys.ts';
import type { RateLimits } from '../domain/limit/limits.ts';
import type { MailOutbox } from '../domain/mail/mail-outbox.ts';
import type { Notices } from '../domain/notice/notices.ts';
import type { OneTimeTokens } from '../domain/one-time-token/one-time-tokens.ts';
import type { Operators } from '../domain/operator/operators.ts';
import type { Presence } from '../domain/presence/presence.ts';
import type { RevocationFeed } from '../domain/revocation/revocation-feed.ts';
import type { Secrets } from '../domain/secret/secrets.ts';
import type { Sessions } from '../domain/session/sessions.ts';
import type { TenantLimitsFeed } from '../domain/tenant/tenant-limits-feed.ts';
import type { Tenants } from '../domain/tenant/tenants.ts';
import type { Tokens } from '../domain/token/tokens.ts';
import type { Traffic } from '../domain/traffic/traffic.ts';
import type { UserAddresses } from '../domain/user/user-addresses.ts';
import type { Users } from '../domain/user/users.ts';
import type { Hooks } from '../hook/hook.ts';
import type { MailAvailability } from '../mail/mail-availability.ts';
import type { MailLinks } from '../mail/mail-links.ts';
import type { ServiceCauses } from '../ops/causes.ts';
import type { ServiceLogger } from '../ops/logger.ts';

/** The domain modules that flows use. */
export interface FlowContext {
  readonly db: Db;
  readonly clock: Clock;
  readonly databaseClock: DatabaseClock;
  readonly suspension: Pick<SuspensionDetector, 'check' | 'resumedAt'>;
  readonly config: Pick<
    Config,
    | 'appUrls'
    | 'defaultScopes'
    | 'issuer'
    | 'newSignInMails'
    | 'ownOrigins'
    | 'passwordMinLength'
    | 'requirePkce'
    | 'rotateInSecs'
    | 'tokenExpiresInMins'
    | 'idleTimeoutInMins'
  >;
  readonly hooks: Hooks;
  readonly users: Users;
  readonly addresses: UserAddresses;
  readonly tenants: Tenants;
  readonly tenantChanges: TenantLimitsFeed;
  readonly limits: RateLimits;
  readonly audit: Audit;
  readonly secrets: Secrets;
  readonly codes: Codes;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly keys: SigningKeys;
  readonly proofs: Proofs;
  readonly feed: RevocationFeed;
  readonly presence: Pick<Presence, 'listAll'>;
  readonly backends: Backends;
  readonly operators: Operators;
  readonly oneTimeTokens: OneTimeTokens;
  readonly mailOutbox: MailOutbox;
  /** Asked before a mail is promised, because one in the outbox may never be sent. */
  readonly mail: MailAvailability;
  readonly links: Pick<MailLinks, 'has' | 'make'>;
  readonly invitations: Invitations;
  readonly notices: Notices;
  readonly traffic: Traffic;
  /** Refusals that only a change of the configuration ends. */
  readonly causes: Pick<ServiceCauses, 'report' | 'explain' | 'failure'>;
  readonly log: Pick<ServiceLogger, 'info' | 'warn'>;
  /** What happened but must not fail a request: lost audit rows, failed hooks. */
  readonly onError: (error: unknown) => void;
}

/** What a code or a session token is exchanged with. */
export type ExchangeContext = Omit<
  FlowContext,
  | 'addresses'
  | 'backends'
  | 'clock'
  | 'invitations'
  | 'keys'
  | 'links'
  | 'mail'
  | 'notices'
  | 'oneTimeTokens'
  | 'mailOutbox'
  | 'operators'
  | 'presence'
  | 'secrets'
  | 'suspension'
  | 'tenantChanges'
  | 'tenants'
>;

/** What login and registration ask. */
export type SignInContext = Omit<
  FlowContext,
  | 'addresses'
  | 'backends'
  | 'clock'
  | 'feed'
  | 'invitations'
  | 'keys'
  | 'links'
  | 'log'
  | 'mailOutbox'
  | 'notices'
  | 'presence'
  | 'proofs'
  | 'suspension'
  | 'tenantChanges'
  | 'tokens'
  | 'traffic'
>;
