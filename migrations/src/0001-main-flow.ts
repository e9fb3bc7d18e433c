import { type Kysely, sql } from 'kysely';

const statements = [
  `CREATE TABLE tenants (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    name text NOT NULL,
    registration_open boolean NOT NULL DEFAULT false,
    max_active_minutes integer CHECK (max_active_minutes > 0),
    max_idle_minutes integer CHECK (max_idle_minutes > 0),
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `INSERT INTO tenants (id, name, registration_open) VALUES ('default', 'Default', true)`,

  `CREATE TABLE users (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants (id),
    email text,
    email_key text,
    password_hash text,
    external_id text,
    profile jsonb NOT NULL DEFAULT '{}',
    operator boolean NOT NULL DEFAULT false,
    credential_version integer NOT NULL DEFAULT 1,
    disabled_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT users_email_unique UNIQUE (tenant_id, email_key),
    CONSTRAINT users_external_unique UNIQUE (tenant_id, external_id),
    CONSTRAINT users_identified CHECK (email_key IS NOT NULL OR external_id IS NOT NULL)
  )`,

  // The row of a session has every input of a rotation's verdict. fillfactor reserves space for updates in place.
  `CREATE TABLE sessions (
    sid uuid PRIMARY KEY,
    uid uuid NOT NULL REFERENCES users (id),
    tenant_id text NOT NULL,
    gen integer NOT NULL,
    tag bytea NOT NULL CHECK (octet_length(tag) = 16),
    confirmed boolean NOT NULL DEFAULT false,
    touched_at timestamptz NOT NULL,
    h_gen integer[] NOT NULL DEFAULT '{}',
    h_key bytea[] NOT NULL DEFAULT '{}',
    h_at timestamptz[] NOT NULL DEFAULT '{}',
    idle_seconds integer CHECK (idle_seconds > 0),
    idle_expires_at timestamptz,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoke_reason text,
    jkt text,
    auth_time integer NOT NULL,
    amr text[] NOT NULL,
    claims jsonb NOT NULL DEFAULT '{}',
    user_agent text,
    address_prefix text,
    created_at timestamptz NOT NULL,
    last_active_at timestamptz NOT NULL,
    CONSTRAINT sessions_idle CHECK ((idle_seconds IS NULL) = (idle_expires_at IS NULL)),
    CONSTRAINT sessions_revoked CHECK ((revoked_at IS NULL) = (revoke_reason IS NULL))
  ) WITH (fillfactor = 70)`,
  `CREATE INDEX sessions_by_user ON sessions (uid, created_at)`,
  `CREATE INDEX sessions_by_end ON sessions (expires_at)`,

  `CREATE TABLE blacklist (
    seq bigint PRIMARY KEY,
    sid uuid NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
  )`,
  // seq: last number given out, in commit order without gaps. floor: rows up to it are disposed of.
  `CREATE TABLE blacklist_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    counter bigint NOT NULL DEFAULT 1,
    seq bigint NOT NULL DEFAULT 0,
    floor bigint NOT NULL DEFAULT 0
  )`,
  `INSERT INTO blacklist_head DEFAULT VALUES`,

  `CREATE TABLE signing_keys (
    kid text PRIMARY KEY,
    state text NOT NULL CHECK (state IN ('next', 'current', 'previous')),
    public_jwk jsonb NOT NULL,
    private_wrapped bytea NOT NULL,
    wrap_kid text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz,
    CONSTRAINT signing_keys_retired CHECK ((state = 'previous') = (retired_at IS NOT NULL))
  )`,
  `CREATE UNIQUE INDEX signing_keys_one_next ON signing_keys (state) WHERE state = 'next'`,
  `CREATE UNIQUE INDEX signing_keys_one_current ON signing_keys (state) WHERE state = 'current'`,

  `CREATE TABLE secrets (
    kid text PRIMARY KEY,
    first_seen timestamptz NOT NULL DEFAULT now()
  )`,

  `CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    action text NOT NULL,
    tenant_id text,
    uid uuid,
    sid uuid,
    address_prefix text,
    detail jsonb NOT NULL DEFAULT '{}'
  )`,
  `CREATE INDEX audit_by_user ON audit (uid, id)`,
  `CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit is append only'; END $$`,
  `CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()`,

  `CREATE TABLE servers (
    server_id uuid PRIMARY KEY,
    lease_until timestamptz NOT NULL
  )`,
  `CREATE TABLE presence (
    sid uuid NOT NULL,
    server_id uuid NOT NULL REFERENCES servers (server_id) ON DELETE CASCADE,
    sockets integer NOT NULL CHECK (sockets > 0),
    PRIMARY KEY (sid, server_id)
  )`,
  `CREATE INDEX presence_by_server ON presence (server_id)`,

  `CREATE TABLE rate_limits (
    key varchar(255) PRIMARY KEY,
    points integer NOT NULL DEFAULT 0,
    expire bigint
  )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
