import type { AdminKey, AdminSession, AdminTenant, AdminUser } from '@latchkey/contract';
import type { SessionState } from '@latchkey/sdk-browser';
import { connectionLabel, formatDuration } from '../messages.ts';

/** A badge after a name. Its style shows its meaning as well. */
export interface Badge {
  readonly text: string;
  readonly tone?: 'online' | 'offline' | 'bad';
}

/** Known actions of the audit; a newer service may write others. */
export const actionLabels: Readonly<Record<string, string>> = {
  register: 'Account created',
  login: 'Signed in',
  login_failed: 'Sign-in refused',
  logout: 'Logged out',
  sessions_ended: 'Sessions ended',
  token_reused: 'Replaced token reused',
  code_used: 'Code reused',
  generation_unknown: 'Unknown token generation',
  proof_refused: 'Proof refused',
  password_changed: 'Password changed',
  password_reset: 'Password set by mail',
  email_verified: 'Address verified',
  email_changed: 'Address changed',
  email_change_undone: 'Change of address undone',
  user_disabled: 'User disabled',
  user_enabled: 'User enabled',
  user_deleted: 'User deleted',
  claims_recomputed: 'Claims recomputed',
  operator_added: 'Operator added',
  operator_removed: 'Operator removed',
  tenant_created: 'Tenant created',
  tenant_changed: 'Tenant changed',
  backend_created: 'Backend created',
  backend_changed: 'Backend changed',
  keys_rotated: 'Keys rotated',
  failover: 'Failover of the database',
  database_restored: 'Database restored',
  users_imported: 'Users imported',
  users_exported: 'Users exported',
};

export function actionLabel(action: string): string {
  return Object.hasOwn(actionLabels, action) ? (actionLabels[action] as string) : action;
}

export function userName({ email, user_id }: Pick<AdminSession, 'email' | 'user_id'>): string {
  return email ?? user_id;
}

export function accountName({ email, external_id, id }: Pick<AdminUser, 'email' | 'external_id' | 'id'>): string {
  return email ?? external_id ?? id;
}

/** How many sessions an operator ended. */
export function sessionsEndedMessage(ended: number): string {
  if (ended === 0) return 'There was no session to end.';
  return ended === 1 ? 'One session was ended.' : `${ended} sessions were ended.`;
}

export function socketsBadge(sockets: number): Badge {
  if (sockets === 0) return { text: 'Offline', tone: 'offline' };
  return { text: `Online, ${tabsLabel(sockets)}`, tone: 'online' };
}

function tabsLabel(sockets: number): string {
  return sockets === 1 ? '1 tab' : `${sockets} tabs`;
}

/** Where the tabs of a session are: at backends by their id, at nodes by the number of their run. */
export function serversLabel(servers: AdminSession['servers']): string {
  const words = servers.map(
    ({ server_id, backend_id, sockets }) => `${tabsLabel(sockets)} at ${backend_id ?? `node ${server_id}`}`,
  );
  return words.length === 0 ? 'not connected' : words.join(', ');
}

/** Whether the lists follow what happens. */
export function liveStatusMessage(state: SessionState): string {
  const { label, description } = connectionLabel(state);
  if (label === 'Live') return 'Live: this page updates automatically.';
  if (state.status === 'error') return `${label}. ${description}`;
  return `${label}. The page shows older data and reconnects automatically.`;
}

/** How long sessions of a tenant live, and whose limit that is. */
export function limitLabels(
  tenant: Pick<AdminTenant, 'active_minutes' | 'idle_minutes' | 'max_active_minutes' | 'max_idle_minutes'>,
): string[] {
  const whose = (own: number | null): string => (own === null ? 'default' : 'set for this tenant');
  const { active_minutes, idle_minutes, max_active_minutes, max_idle_minutes } = tenant;
  const idle = idle_minutes === null ? 'never end by being idle' : `end after ${formatMinutes(idle_minutes)} idle`;
  return [
    `sessions last ${formatMinutes(active_minutes)} at most (${whose(max_active_minutes)})`,
    `${idle} (${whose(max_idle_minutes)})`,
  ];
}

/** A number of minutes, in days or hours where these are whole: "30 days", "90 minutes". */
export function formatMinutes(minutes: number): string {
  if (minutes > 0 && minutes % 1_440 === 0) return minutes === 1_440 ? '1 day' : `${minutes / 1_440} days`;
  if (minutes > 0 && minutes % 60 === 0) return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
  return minutes === 1 ? '1 minute' : formatDuration(minutes * 60_000);
}

export const keyStateLabels: Readonly<Record<AdminKey['state'], string>> = {
  next: 'Next',
  current: 'Current',
  previous: 'Previous',
};

export const keyStateDescriptions: Readonly<Record<AdminKey['state'], string>> = {
  next: 'published, does not sign yet',
  current: 'signs access tokens',
  previous: 'still verifies the tokens that it signed',
};

/** Label of a field of the audit's detail: "max_active_minutes" is "max active minutes". */
export function detailLabel(name: string, value: string | number | boolean): string {
  return `${name.replaceAll('_', ' ')} ${value}`;
}
