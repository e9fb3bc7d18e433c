import type { AdminKey, AdminSession, AdminTenant, AdminUser } from '@latchkey/contract';
import { durationOf } from '../words.ts';

/** Known actions of the audit; a newer service may write others. */
export const actions: Readonly<Record<string, string>> = {
  register: 'Made an account',
  login: 'Signed in',
  login_failed: 'Sign-in refused',
  logout: 'Logged out',
  sessions_ended: 'Sessions ended',
  session_opened: 'Session opened',
  token_reused: 'Replaced token shown again',
  code_used: 'Code shown again',
  generation_unknown: 'Unknown token shown',
  proof_refused: 'Proof refused',
  password_changed: 'Password changed',
  user_disabled: 'User disabled',
  user_enabled: 'User enabled',
  claims_recomputed: 'Claims recomputed',
  operator_added: 'Operator added',
  operator_removed: 'Operator removed',
  tenant_created: 'Tenant made',
  tenant_changed: 'Tenant changed',
  backend_created: 'Backend made',
  backend_changed: 'Backend changed',
  keys_rotated: 'Keys rotated',
};

export function wordsOfAction(action: string): string {
  return Object.hasOwn(actions, action) ? (actions[action] as string) : action;
}

export function nameOfUser({ email, user_id }: Pick<AdminSession, 'email' | 'user_id'>): string {
  return email ?? user_id;
}

export function nameOfAccount({ email, external_id, id }: Pick<AdminUser, 'email' | 'external_id' | 'id'>): string {
  return email ?? external_id ?? id;
}

/** How many sessions an operator ended. */
export function sentenceOfEnds(ended: number): string {
  if (ended === 0) return 'There was no session to end.';
  return ended === 1 ? 'One session was ended.' : `${ended} sessions were ended.`;
}

export function wordsOfSockets(sockets: number): string {
  if (sockets === 0) return 'Offline';
  return sockets === 1 ? 'Online, 1 tab' : `Online, ${sockets} tabs`;
}

/** How long sessions of a tenant live, and whose limit that is. */
export function sentencesOfLimits(tenant: AdminTenant): string[] {
  const whose = (own: number | null): string => (own === null ? 'as everywhere' : 'its own limit');
  const { active_minutes, idle_minutes, max_active_minutes, max_idle_minutes } = tenant;
  const idle = idle_minutes === null ? 'never end by being idle' : `end after ${minutesOf(idle_minutes)} idle`;
  return [
    `Sessions last ${minutesOf(active_minutes)} at most (${whose(max_active_minutes)})`,
    `${idle} (${whose(max_idle_minutes)})`,
  ];
}

/** A number of minutes, in days or hours where these are whole: "30 days", "90 minutes". */
export function minutesOf(minutes: number): string {
  if (minutes > 0 && minutes % 1_440 === 0) return minutes === 1_440 ? '1 day' : `${minutes / 1_440} days`;
  if (minutes > 0 && minutes % 60 === 0) return minutes === 60 ? '1 hour' : `${minutes / 60} hours`;
  return minutes === 1 ? '1 minute' : durationOf(minutes * 60_000);
}

export const wordsOfKey: Readonly<Record<AdminKey['state'], string>> = {
  next: 'Next: published, signs nothing yet',
  current: 'Current: signs access tokens',
  previous: 'Previous: its last tokens are still checked',
};
