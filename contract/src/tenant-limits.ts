/** Limits of a tenant's sessions: its own, and those that apply to a new session. */
export interface TenantLimits {
  tenant_id: string;
  /** Absolute life of a session, in minutes; `null` = the service's own setting. */
  max_active_minutes: number | null;
  /** Idle limit of a session, in minutes; `null` = the service's own setting. */
  max_idle_minutes: number | null;
  /** Maximum lifetime of a new session in minutes: the tenant's limit, or the service's setting. */
  active_minutes: number;
  /** Idle limit of a new session in minutes: the tenant's limit, or the service's setting. `null`: no limit. */
  idle_minutes: number | null;
}

/** A change of {@link TenantLimits}. What is absent stays as it is; `null` = the service's own setting. */
export type TenantLimitsPatch = {
  [Name in 'max_active_minutes' | 'max_idle_minutes']?: TenantLimits[Name] | undefined;
};
