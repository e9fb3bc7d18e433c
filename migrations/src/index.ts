import type { Migration } from 'kysely/migration';
import * as mainFlow from './0001-main-flow.ts';
import * as backends from './0002-backends.ts';
import * as tenantChanges from './0003-tenant-changes.ts';
import * as operators from './0004-operators.ts';
import * as liveSessions from './0005-live-sessions.ts';
import * as tenantCodes from './0006-tenant-codes.ts';
import * as secretsSeen from './0007-secrets-seen.ts';
import * as operatorLists from './0008-operator-lists.ts';
import * as cluster from './0010-cluster.ts';
import * as clock from './0011-clock.ts';
import * as lookAlikes from './0012-look-alikes.ts';
import * as sessionScopes from './0013-session-scopes.ts';
import * as liveSessionIndexes from './0014-live-session-indexes.ts';
import * as boundedWork from './0015-bounded-work.ts';
import * as canonicalAddresses from './0016-canonical-addresses.ts';
import * as endReasons from './0017-end-reasons.ts';
import * as oneTimeTokens from './0018-one-time-tokens.ts';
import * as mails from './0019-mails.ts';
import * as accounts from './0020-accounts.ts';
import * as hashCosts from './0023-hash-costs.ts';
import * as deletedUsers from './0024-deleted-users.ts';
import * as takenOverUsers from './0025-taken-over-users.ts';
import * as userSearch from './0026-user-search.ts';
import * as auditFilters from './0027-audit-filters.ts';
import * as tenantLogos from './0028-tenant-logos.ts';
import * as invitations from './0029-invitations.ts';
import * as notices from './0030-notices.ts';
import * as auditRetention from './0031-audit-retention.ts';
import * as commandLineInvitations from './0032-command-line-invitations.ts';

/** Every step by name, in order; forward only, never edited once merged. */
export const migrations: Readonly<Record<string, Migration>> = Object.freeze({
  '0001-main-flow': mainFlow,
  '0002-backends': backends,
  '0003-tenant-changes': tenantChanges,
  '0004-operators': operators,
  '0005-live-sessions': liveSessions,
  '0006-tenant-codes': tenantCodes,
  '0007-secrets-seen': secretsSeen,
  '0008-operator-lists': operatorLists,
  '0010-cluster': cluster,
  '0011-clock': clock,
  '0012-look-alikes': lookAlikes,
  '0013-session-scopes': sessionScopes,
  '0014-live-session-indexes': liveSessionIndexes,
  '0015-bounded-work': boundedWork,
  '0016-canonical-addresses': canonicalAddresses,
  '0017-end-reasons': endReasons,
  '0018-one-time-tokens': oneTimeTokens,
  '0019-mails': mails,
  '0020-accounts': accounts,
  '0023-hash-costs': hashCosts,
  '0024-deleted-users': deletedUsers,
  '0025-taken-over-users': takenOverUsers,
  '0026-user-search': userSearch,
  '0027-audit-filters': auditFilters,
  '0028-tenant-logos': tenantLogos,
  '0029-invitations': invitations,
  '0030-notices': notices,
  '0031-audit-retention': auditRetention,
  '0032-command-line-invitations': commandLineInvitations,
});
