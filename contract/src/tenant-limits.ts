export interface TenantLimits {
  tenant_id: string;
  /** Absolute life of a session, in minutes; `null` = the service's own setting. */
  max_active_minutes: number | null;
  /** Idle limit of a session, in minutes; `null` = the service's own setting. */
  max_idle_minutes: number | null;
  /** What holds for a new session, the tenant's own or the service's. */
  active_minutes: number;
  /** The same for the idle limit; `null` = none. */
  idle_minutes: number | null;
}

/** A change of {@link TenantLimits}. What is absent stays as it is; `null` = the service's own setting. */
export interface TenantLimitsPatch {
  max_active_minutes?: number | null | undefined;
  max_idle_minutes?: number | null | undefined;
}
