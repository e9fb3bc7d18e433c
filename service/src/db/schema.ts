import type { BackendScope } from '@latchkey/contract';
import type { Generated, Kysely } from 'kysely';

/** The tables as the newest migration leaves them. Times are `Date`, `bytea` is `Buffer`, `bigint` is `number`. */
export interface Schema {
  tenants: TenantTable;
  tenant_head: TenantHeadTable;
  users: UserTable;
  sessions: SessionTable;
  blacklist: BlacklistTable;
  blacklist_head: BlacklistHeadTable;
  signing_keys: SigningKeyTable;
  secrets: { kid: string; first_seen: Generated<Date>; last_seen: Generated<Date>; missing_since: Date | null };
  audit: AuditTable;
  backends: BackendTable;
  servers: ServerTable;
  cluster: ClusterTable;
  presence: { sid: string; server_id: string; sockets: number };
  operator_invites: OperatorInviteTable;
  one_time_tokens: OneTimeTokenTable;
  mails: MailTable;
  invitations: InvitationTable;
  known_browsers: { uid: string; mark: Buffer; last_used_at: Date };
  notice_cursors: { name: 'opened' | 'ended'; at: Generated<Date>; sid: Generated<string> };
  tenant_logos: { tenant_id: string; hash: string; type: 'png' | 'webp'; bytes: Buffer };
  traffic: { minute: Date; rotations: Generated<number>; logins: Generated<number>; sessions: number | null };
}

interface TenantTable {
  id: string;
  name: string;
  registration_open: Generated<boolean>;
  max_active_minutes: number | null;
  max_idle_minutes: number | null;
  email_verification: Generated<'off' | 'optional' | 'required'>;
  email_sign_in: Generated<boolean>;
  password_min_length: number | null;
  allowed_domains: Generated<string[]>;
  max_sessions: number | null;
  session_limit: Generated<'end_oldest' | 'refuse'>;
  brand: TenantBrandColumn | null;
  locale: string | null;
  disabled_at: Date | null;
  limits_seq: Generated<number>;
  code_version: Generated<number>;
  created_at: Generated<Date>;
}

interface TenantBrandColumn {
  name: string | null;
  colour: string | null;
  logo: { hash: string; type: 'png' | 'webp'; width: number; height: number } | null;
}

interface TenantHeadTable {
  one: Generated<boolean>;
  seq: Generated<number>;
}

interface UserTable {
  id: string;
  tenant_id: string;
  email: string | null;
  email_key: string | null;
  email_skeleton: string | null;
  password_hash: string | null;
  external_id: string | null;
  profile: Generated<Record<string, unknown>>;
  operator: Generated<boolean>;
  credential_version: Generated<number>;
  email_verified_at: Date | null;
  name: string | null;
  picture: string | null;
  locale: string | null;
  user_metadata: Generated<Record<string, unknown>>;
  app_metadata: Generated<Record<string, unknown>>;
  password_change_required: Generated<boolean>;
  disabled_at: Date | null;
  deleted_at: Date | null;
  taken_over_at: Date | null;
  created_at: Generated<Date>;
}

interface SessionTable {
  sid: string;
  uid: string;
  tenant_id: string;
  gen: number;
  tag: Buffer;
  confirmed: Generated<boolean>;
  touched_at: Date;
  h_gen: Generated<number[]>;
  h_key: Generated<Buffer[]>;
  h_at: Generated<Date[]>;
  idle_seconds: number | null;
  idle_expires_at: Date | null;
  expires_at: Date;
  revoked_at: Date | null;
  revoke_reason: string | null;
  jkt: string | null;
  auth_time: number;
  amr: string[];
  scope: string | null;
  claims: Generated<unknown>;
  user_agent: string | null;
  address_prefix: string | null;
  created_at: Date;
  last_active_at: Date;
}

interface BlacklistTable {
  seq: number;
  sid: string;
  reason: string;
  created_at: Date;
  expires_at: Date;
}

interface BlacklistHeadTable {
  one: Generated<boolean>;
  counter: Generated<number>;
  seq: Generated<number>;
  floor: Generated<number>;
}

interface SigningKeyTable {
  kid: string;
  state: 'next' | 'current' | 'previous';
  public_jwk: unknown;
  private_wrapped: Buffer;
  wrap_kid: string;
  created_at: Generated<Date>;
  retired_at: Date | null;
}

interface AuditTable {
  id: Generated<number>;
  at: Generated<Date>;
  action: string;
  tenant_id: string | null;
  uid: string | null;
  sid: string | null;
  address_prefix: string | null;
  detail: Generated<Record<string, string | number | boolean | null>>;
}

interface BackendTable {
  id: string;
  name: string;
  secret_hash: Buffer;
  previous_secret_hash: Buffer | null;
  tenant_id: string | null;
  scopes: BackendScope[];
  origins: string[];
  created_at: Generated<Date>;
  disabled_at: Date | null;
}

interface ServerTable {
  server_id: string;
  lease_until: Date;
  backend_id: string | null;
  awaited_in: string | null;
  reported_in: string | null;
  covers_tail: boolean | null;
  ends_written: number | null;
}

interface ClusterTable {
  one: Generated<boolean>;
  served: string;
  moved_to: string | null;
  moved_at: Date | null;
  tail_from: Date | null;
  clock_high: Generated<Date>;
  clock_resets: Generated<number>;
}

interface OperatorInviteTable {
  hash: Buffer;
  created_at: Generated<Date>;
  expires_at: Date;
  used_at: Date | null;
  used_by: string | null;
}

interface OneTimeTokenTable {
  id: string;
  purpose: string;
  tenant_id: string;
  uid: string | null;
  email: string | null;
  email_key: string | null;
  secret_hash: Buffer | null;
  ticket_hash: Buffer | null;
  code_mac: Buffer | null;
  credential_version: number | null;
  data: Buffer | null;
  wrap_kid: string | null;
  attempts: Generated<number>;
  created_at: Generated<Date>;
  expires_at: Date;
  consumed_at: Date | null;
}

interface MailTable {
  id: string;
  tenant_id: string;
  token_id: string | null;
  uid: string | null;
  recipient: string | null;
  template: string;
  locale: string | null;
  data: Buffer | null;
  wrap_kid: string | null;
  tries: Generated<number>;
  next_try_at: Generated<Date>;
  leased_until: Date | null;
  expires_at: Date | null;
  created_at: Generated<Date>;
  sid: string | null;
  sent_at: Date | null;
  failed_at: Date | null;
  failure: string | null;
}

interface InvitationTable {
  id: string;
  tenant_id: string;
  email: string | null;
  name: string | null;
  operator: Generated<boolean>;
  app_metadata: Generated<Record<string, unknown>>;
  mailed: boolean;
  token_id: string | null;
  invited_by: string | null;
  by_command_line: Generated<boolean>;
  accepted_by: string | null;
  created_at: Generated<Date>;
  expires_at: Date;
  accepted_at: Date | null;
  revoked_at: Date | null;
}

/** What a store takes as its first argument: the database, or a transaction on it. */
export type Db = Kysely<Schema>;
