import type {
  AdminAuditRow,
  AdminBackend,
  AdminBackendSecret,
  AdminKey,
  AdminOverview,
  AdminRecomputed,
  AdminSession,
  AdminTenant,
  AdminUser,
  Ended,
  Page,
} from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import type { PageAsked } from '../../db/page.ts';
import type { NewBackend } from '../../domain/backend/backend.ts';
import type { Standing } from '../../domain/operator/operator.ts';
import type { Whereabouts } from '../../domain/presence/presence-entry.ts';
import type { NewTenant, TenantChange } from '../../domain/tenant/tenant.ts';
import type { UsersAsked } from '../../domain/user/user-list-store.ts';
import type { FlowNeeds } from '../needs.ts';
import { type Actor, authorize, readOwnAdmin, type ShownAdmin } from './actor.ts';
import * as backends from './backends.ts';
import * as overview from './overview.ts';
import * as sessions from './sessions.ts';
import * as tenants from './tenants.ts';
import * as users from './users.ts';

/** What operators may ask for, and backends with the scope `admin`; every change is written down in the audit. */
export interface AdminFlows {
  /** @throws unauthenticated · forbidden · proof_required · proof_invalid · use_dpop_nonce */
  authorize(shown: ShownAdmin, peer: Peer, deadline?: Deadline): Promise<Actor>;
  overview(actor: Actor): Promise<AdminOverview>;
  listTenants(actor: Actor, asked: PageAsked): Promise<Page<'tenants', AdminTenant>>;
  findTenant(actor: Actor, id: string): Promise<AdminTenant>;
  createTenant(actor: Actor, wanted: NewTenant): Promise<AdminTenant>;
  changeTenant(actor: Actor, id: string, change: TenantChange): Promise<AdminTenant>;
  endTenant(actor: Actor, id: string): Promise<Ended>;
  listUsers(actor: Actor, asked: UsersAsked): Promise<Page<'users', AdminUser>>;
  findUser(actor: Actor, id: string): Promise<AdminUser>;
  changeUser(actor: Actor, id: string, change: users.UserChange): Promise<AdminUser>;
  endUser(actor: Actor, id: string): Promise<Ended>;
  recomputeUser(actor: Actor, id: string): Promise<AdminRecomputed>;
  listSessions(actor: Actor, asked: sessions.SessionsWanted): Promise<Page<'sessions', AdminSession>>;
  findSession(actor: Actor, id: string): Promise<AdminSession>;
  endSession(actor: Actor, id: string): Promise<Ended>;
  listBackends(actor: Actor, asked: PageAsked): Promise<Page<'backends', AdminBackend>>;
  createBackend(actor: Actor, wanted: NewBackend): Promise<AdminBackendSecret>;
  rotateBackend(actor: Actor, id: string): Promise<AdminBackendSecret>;
  removeBackend(actor: Actor, id: string): Promise<{ removed: string }>;
  listKeys(actor: Actor): Promise<{ keys: AdminKey[] }>;
  rotateKeys(actor: Actor): Promise<{ kid: string; rotated: boolean }>;
  listAudit(actor: Actor, asked: overview.AuditAsked): Promise<Page<'audit', AdminAuditRow>>;
  /** Whether the session that shows this token may hear the news, and until when. @throws unauthenticated · forbidden */
  follow(token: string, sid: string): Promise<{ expiresInSeconds: number }>;
  /** How the sessions of those who hear the news stand now. */
  standings(sids: readonly string[]): Promise<ReadonlyMap<string, Standing>>;
  /** All live sessions with sockets now, of all tenants, page by page. */
  everywhere(): AsyncGenerator<readonly Whereabouts[], void>;
  /** Calls `listener` for each session that is ended, on whichever node. Returns the function that removes it. */
  onEnded(listener: () => void): () => void;
}

/** Every verb of operators, bound to the rooms. */
export function createAdminFlows(needs: FlowNeeds): AdminFlows {
  return Object.freeze<AdminFlows>({
    authorize: async (shown, peer, deadline = deadlineNow(needs.databaseClock)) =>
      authorize(needs, shown, peer, deadline),
    overview: (actor) => overview.overview(needs, actor),
    listTenants: (actor, asked) => tenants.listTenants(needs, actor, asked),
    findTenant: (actor, id) => tenants.findTenant(needs, actor, id),
    createTenant: (actor, wanted) => tenants.createTenant(needs, actor, wanted),
    changeTenant: (actor, id, change) => tenants.changeTenantBy(needs, actor, id, change),
    endTenant: (actor, id) => tenants.endTenant(needs, actor, id),
    listUsers: (actor, asked) => users.listUsers(needs, actor, asked),
    findUser: (actor, id) => users.findUser(needs, actor, id),
    changeUser: (actor, id, change) => users.changeUser(needs, actor, id, change),
    endUser: (actor, id) => users.endUser(needs, actor, id),
    recomputeUser: (actor, id) => users.recomputeUser(needs, actor, id),
    listSessions: (actor, asked) => sessions.listSessions(needs, actor, asked),
    findSession: (actor, id) => sessions.findSession(needs, actor, id),
    endSession: (actor, id) => sessions.endSession(needs, actor, id),
    listBackends: (actor, asked) => backends.listBackends(needs, actor, asked),
    createBackend: (actor, wanted) => backends.createBackend(needs, actor, wanted),
    rotateBackend: (actor, id) => backends.rotateBackend(needs, actor, id),
    removeBackend: (actor, id) => backends.removeBackend(needs, actor, id),
    listKeys: (actor) => overview.listKeys(needs, actor),
    rotateKeys: (actor) => overview.rotateKeys(needs, actor),
    listAudit: (actor, asked) => overview.listAudit(needs, actor, asked),
    async follow(token, sid) {
      const { exp } = await readOwnAdmin(needs, token, sid);
      return { expiresInSeconds: Math.max(1, exp - Math.floor(needs.databaseClock.now() / 1_000)) };
    },
    standings: (sids) => needs.operators.standings(needs.db, sids),
    everywhere: () => needs.presence.everywhere(),
    onEnded: (listener) => needs.feed.onEnded(listener),
  });
}
