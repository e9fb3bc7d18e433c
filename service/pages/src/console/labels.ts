import type { AdminSession, AdminTenant, AdminUser, TenantPolicies } from '@latchkey/contract';
import type { SessionState } from '@latchkey/sdk-browser';
import { connectionLabel, isActive } from '../account/session-messages.ts';
import { formatMinutes } from '../words/formats.ts';
import { fill, plural, words } from '../words/words.ts';

/** A badge after a name. Its style shows its meaning as well. */
export interface Badge {
  readonly text: string;
  readonly tone?: 'online' | 'offline' | 'bad';
}

/** Known actions of the audit; a newer service may write others. */
export function actionLabel(action: string): string {
  const labels: Readonly<Record<string, string>> = words().actions;
  return Object.hasOwn(labels, action) ? (labels[action] as string) : action;
}

export function userName({ email, user_id }: Pick<AdminSession, 'email' | 'user_id'>): string {
  return email ?? user_id;
}

export function accountName({ email, external_id, id }: Pick<AdminUser, 'email' | 'external_id' | 'id'>): string {
  return email ?? external_id ?? id;
}

/** How many sessions an operator ended. */
export function sessionsEndedMessage(ended: number): string {
  return plural(words().console.sessionsEnded, ended);
}

/** Asks before all sessions of a user end. `own` is added where the user is the operator. */
export function endAllQuestion(user: string, own = '') {
  const { endAll, endAllOfUser, endAllOfUserMeaning } = words().console;
  return { title: endAllOfUser, message: `${fill(endAllOfUserMeaning, { user })} ${own}`.trim(), confirmLabel: endAll };
}

export function socketsBadge(sockets: number): Badge {
  if (sockets === 0) return { text: words().account.offline, tone: 'offline' };
  return { text: fill(words().sessions.online, { tabs: tabsLabel(sockets) }), tone: 'online' };
}

function tabsLabel(sockets: number): string {
  return plural(words().sessions.tabCount, sockets);
}

/** Where the tabs of a session are: at backends by their id, at nodes by the number of their run. */
export function serversLabel(servers: AdminSession['servers']): string {
  const { node, notConnected, tabsAt } = words().sessions;
  const places = servers.map(({ server_id, backend_id, sockets }) =>
    fill(tabsAt, { tabs: tabsLabel(sockets), server: backend_id ?? fill(node, { id: server_id }) }),
  );
  return places.length === 0 ? notConnected : places.join(', ');
}

/** The status of the live updates. */
export function liveStatusMessage(state: SessionState): string {
  const { live, stale, stopped } = words().console;
  if (isActive(state)) return live;
  const { label, description } = connectionLabel(state);
  if (state.status === 'error') return fill(stopped, { state: label, meaning: description });
  return fill(stale, { state: label });
}

/** How long sessions of a tenant live, and whose limit that is. */
export function limitLabels(
  tenant: Pick<AdminTenant, 'active_minutes' | 'idle_minutes' | 'max_active_minutes' | 'max_idle_minutes'>,
): string[] {
  const { idle, lifetime, neverIdle, ofService, own } = words().tenants;
  const whose = (limit: number | null): string => (limit === null ? ofService : own);
  const { active_minutes, idle_minutes, max_active_minutes, max_idle_minutes } = tenant;
  const ofIdle = { whose: whose(max_idle_minutes) };
  return [
    fill(lifetime, { duration: formatMinutes(active_minutes), whose: whose(max_active_minutes) }),
    idle_minutes === null ? fill(neverIdle, ofIdle) : fill(idle, { ...ofIdle, duration: formatMinutes(idle_minutes) }),
  ];
}

/** Label of a field of the audit's detail: "max_active_minutes" is "max active minutes". */
export function detailLabel(name: string, value: string | number | boolean): string {
  return `${name.replaceAll('_', ' ')} ${value}`;
}

/** Policies of a tenant that differ from the defaults. */
export function policyLabels(tenant: TenantPolicies): string[] {
  const { tenants } = words();
  const { allowed_domains, email_sign_in, email_verification, max_sessions, password_min_length } = tenant;
  return [
    ...(email_verification === 'off' ? [] : [tenants.verifications[email_verification]]),
    ...(email_sign_in ? [tenants.mailSignIn] : []),
    ...(password_min_length === null ? [] : [plural(tenants.minLengthOf, password_min_length)]),
    ...(allowed_domains.length === 0 ? [] : [fill(tenants.onlyDomains, { domains: allowed_domains.join(', ') })]),
    ...(max_sessions === null ? [] : [plural(tenants.maxSessionsOf, max_sessions)]),
  ];
}
