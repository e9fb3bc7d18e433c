/** Everything that is written down; a name never changes its meaning. */
export const auditActions = [
  'register',
  'login',
  'login_failed',
  'logout',
  'sessions_ended',
  'token_reused',
  'code_used',
  'generation_unknown',
  'proof_refused',
  'password_changed',
  'password_reset',
  'email_verified',
  'possession_taken',
  'email_changed',
  'email_change_undone',
  'user_created',
  'user_changed',
  'password_reset_mailed',
  'user_disabled',
  'user_enabled',
  'user_deleted',
  'profile_changed',
  'account_exported',
  'user_taken_over',
  'claims_recomputed',
  'operator_added',
  'operator_removed',
  'tenant_created',
  'tenant_changed',
  'tenant_deleted',
  'backend_created',
  'backend_changed',
  'keys_rotated',
  'failover',
  'database_restored',
  'users_imported',
  'users_exported',
  'invitation_created',
  'invitation_revoked',
  'invitation_accepted',
  'audit_pruned',
] as const;

type AuditAction = (typeof auditActions)[number];

/** Detail is for operators: names and numbers, never a credential, a whole address or an e-mail. */
export type AuditDetail = Readonly<Record<string, string | number | boolean | null>>;

export interface AuditEntry {
  readonly action: AuditAction;
  readonly tenantId?: string | null | undefined;
  readonly userId?: string | null | undefined;
  readonly sid?: string | null | undefined;
  /** Network part only: /24 of IPv4, /48 of IPv6. */
  readonly addressPrefix?: string | null | undefined;
  /** A member that is undefined is left out. */
  readonly detail?: { readonly [name: string]: AuditDetail[string] | undefined } | undefined;
}

export interface AuditRow {
  /** In the order of writing, with gaps. */
  readonly id: number;
  readonly at: Date;
  /** As it was written, maybe by another version of the service. */
  readonly action: string;
  readonly tenantId: string | null;
  readonly userId: string | null;
  readonly sid: string | null;
  readonly addressPrefix: string | null;
  readonly detail: AuditDetail;
}

export interface AuditRowQuery {
  readonly tenantId?: string | undefined;
  readonly userId?: string | undefined;
  /** A name of the list, or one that an older version wrote. */
  readonly action?: string | undefined;
  readonly sid?: string | undefined;
  /** Written at this time or later, and before that one. */
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** `id` of the oldest row. */
  readonly since?: number | undefined;
  /** `cursor` of the page before; absent: from the newest. */
  readonly before?: number | undefined;
  /** Rows at most, 1 to 200; default 50. */
  readonly limit?: number | undefined;
}
