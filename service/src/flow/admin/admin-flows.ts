import type {
  AdminAuditRow,
  AdminBackend,
  AdminBackendSecret,
  AdminKey,
  AdminOverview,
  AdminSession,
  AdminTenant,
  AdminUser,
  ClaimsRecomputed,
  CursorPage,
  EndedSessions,
} from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import type { NewBackend } from '../../domain/backend/backend.ts';
import type { OperatorStatus } from '../../domain/operator/operator.ts';
import type { PageRequest } from '../../domain/pagination.ts';
import type { PresenceEntry } from '../../domain/presence/presence-entry.ts';
import type { NewTenant, TenantUpdate } from '../../domain/tenant/tenant.ts';
import type { UserQuery } from '../../domain/user/user-list-store.ts';
import type { FlowContext } from '../context.ts';
import type { Client } from '../types.ts';
import { type Actor, type AdminCredential, authorize, readOwnAdminToken } from './actor.ts';
import * as backends from './backends.ts';
import * as overview from './overview.ts';
import * as sessions from './sessions.ts';
import * as tenants from './tenants.ts';
import * as users from './users.ts';

/** What operators may ask for, and backends with the scope `admin`; every change is written down in the audit. */
export interface AdminFlows {
  /** @throws unauthenticated · forbidden · proof_required · proof_invalid · use_dpop_nonce */
  authorize(shown: AdminCredential, peer: Client, deadline?: Deadline): Promise<Actor>;
  overview(actor: Actor): Promise<AdminOverview>;
  listTenants(actor: Actor, asked: PageRequest): Promise<CursorPage<'tenants', AdminTenant>>;
  findTenant(actor: Actor, id: string): Promise<AdminTenant>;
  createTenant(actor: Actor, wanted: NewTenant): Promise<AdminTenant>;
  changeTenant(actor: Actor, id: string, change: TenantUpdate): Promise<AdminTenant>;
  endTenant(actor: Actor, id: string): Promise<EndedSessions>;
  listUsers(actor: Actor, asked: UserQuery): Promise<CursorPage<'users', AdminUser>>;
  findUser(actor: Actor, id: string): Promise<AdminUser>;
  changeUser(actor: Actor, id: string, change: users.UserUpdate): Promise<AdminUser>;
  endUser(actor: Actor, id: string): Promise<EndedSessions>;
  recomputeUser(actor: Actor, id: string): Promise<ClaimsRecomputed>;
  listSessions(actor: Actor, asked: sessions.SessionFilter): Promise<CursorPage<'sessions', AdminSession>>;
  findSession(actor: Actor, id: string): Promise<AdminSession>;
  endSession(actor: Actor, id: string): Promise<EndedSessions>;
  listBackends(actor: Actor, asked: PageRequest): Promise<CursorPage<'backends', AdminBackend>>;
  createBackend(actor: Actor, wanted: NewBackend): Promise<AdminBackendSecret>;
  rotateBackend(actor: Actor, id: string): Promise<AdminBackendSecret>;
  removeBackend(actor: Actor, id: string): Promise<{ removed: string }>;
  listKeys(actor: Actor): Promise<{ keys: AdminKey[] }>;
  rotateKeys(actor: Actor): Promise<{ kid: string; rotated: boolean }>;
  listAudit(actor: Actor, asked: overview.AuditLogFilter): Promise<CursorPage<'audit', AdminAuditRow>>;
  /** Whether the session that shows this token may hear the news, and until when. @throws unauthenticated · forbidden */
  follow(token: string, sid: string): Promise<{ expiresInSeconds: number }>;
  /** How the sessions of those who hear the news stand now. */
  standings(sids: readonly string[]): Promise<ReadonlyMap<string, OperatorStatus>>;
  /** All live sessions with sockets now, of all tenants, page by page. */
  everywhere(): AsyncGenerator<readonly PresenceEntry[], void>;
  /** Calls `listener` for each session that is ended, on whichever node. Returns the function that removes it. */
  onEnded(listener: () => void): () => void;
}

/** Every verb of operators, bound to the rooms. */
export function createAdminFlows(context: FlowContext): AdminFlows {
  return Object.freeze<AdminFlows>({
    authorize: async (shown, peer, deadline = deadlineNow(context.databaseClock)) =>
      authorize(context, shown, peer, deadline),
    overview: (actor) => overview.getOverview(context, actor),
    listTenants: (actor, asked) => tenants.listTenants(context, actor, asked),
    findTenant: (actor, id) => tenants.findTenant(context, actor, id),
    createTenant: (actor, wanted) => tenants.createTenant(context, actor, wanted),
    changeTenant: (actor, id, change) => tenants.updateTenant(context, actor, id, change),
    endTenant: (actor, id) => tenants.endTenantSessions(context, actor, id),
    listUsers: (actor, asked) => users.listUsers(context, actor, asked),
    findUser: (actor, id) => users.findUser(context, actor, id),
    changeUser: (actor, id, change) => users.updateUser(context, actor, id, change),
    endUser: (actor, id) => users.endUserSessions(context, actor, id),
    recomputeUser: (actor, id) => users.recomputeUser(context, actor, id),
    listSessions: (actor, asked) => sessions.listSessions(context, actor, asked),
    findSession: (actor, id) => sessions.findSession(context, actor, id),
    endSession: (actor, id) => sessions.endSession(context, actor, id),
    listBackends: (actor, asked) => backends.listBackends(context, actor, asked),
    createBackend: (actor, wanted) => backends.createBackend(context, actor, wanted),
    rotateBackend: (actor, id) => backends.rotateBackend(context, actor, id),
    removeBackend: (actor, id) => backends.removeBackend(context, actor, id),
    listKeys: (actor) => overview.listKeys(context, actor),
    rotateKeys: (actor) => overview.rotateKeys(context, actor),
    listAudit: (actor, asked) => overview.listAudit(context, actor, asked),
    async follow(token, sid) {
      const { exp } = await readOwnAdminToken(context, token, sid);
      return { expiresInSeconds: Math.max(1, exp - Math.floor(context.databaseClock.now() / 1_000)) };
    },
    standings: (sids) => context.operators.readStatuses(context.db, sids),
    everywhere: () => context.presence.listAll(),
    onEnded: (listener) => context.feed.onEnded(listener),
  });
}
