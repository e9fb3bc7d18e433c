import type { CurrentUser } from './http.ts';

/** A user at `/admin/users`. Times are ISO 8601; `null`: not set. */
export interface AdminUser extends Omit<CurrentUser, 'session_id' | 'auth_time'> {
  external_id: string | null;
  /** What administrators, backends and hooks store, such as roles. */
  app_metadata: Record<string, unknown>;
  /** The next sign-in has to set a new password. */
  password_change_required: boolean;
  disabled_at: string | null;
}

/** What administrators write of a user. What is absent stays as it is, or has its default. */
export interface AdminUserFields {
  name?: string | null | undefined;
  /** An https URL. */
  picture?: string | null | undefined;
  locale?: string | null | undefined;
  user_metadata?: Record<string, unknown> | null | undefined;
  app_metadata?: Record<string, unknown> | undefined;
  email_verified?: boolean | undefined;
  password_change_required?: boolean | undefined;
}

/** `POST /admin/users`. */
export interface NewAdminUser extends AdminUserFields {
  tenant_id: string;
  email: string;
  /** Absent: the user sets one by a mail. */
  password?: string | undefined;
}

/** `PATCH /admin/users/:id`. */
export interface AdminUserPatch extends AdminUserFields {
  disabled?: boolean | undefined;
  operator?: boolean | undefined;
  email?: string | undefined;
}
