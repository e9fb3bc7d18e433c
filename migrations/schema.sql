CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY NOT NULL,
  at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  action text NOT NULL,
  tenant_id text,
  uid uuid,
  sid uuid,
  address_prefix text,
  detail jsonb DEFAULT '{}'::jsonb NOT NULL,
  CONSTRAINT audit_pkey PRIMARY KEY (id)
);

CREATE TABLE backends (
  id text NOT NULL,
  name text NOT NULL,
  secret_hash bytea NOT NULL,
  previous_secret_hash bytea,
  tenant_id text,
  scopes text[] NOT NULL,
  origins text[] DEFAULT '{}'::text[] NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  disabled_at timestamp with time zone,
  CONSTRAINT backends_pkey PRIMARY KEY (id),
  CONSTRAINT backends_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  CONSTRAINT backends_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text)),
  CONSTRAINT backends_previous_secret_hash_check CHECK ((octet_length(previous_secret_hash) = 32)),
  CONSTRAINT backends_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);

CREATE TABLE blacklist (
  seq bigint NOT NULL,
  sid uuid NOT NULL,
  reason text NOT NULL,
  created_at timestamp with time zone NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  CONSTRAINT blacklist_pkey PRIMARY KEY (seq)
);

CREATE TABLE blacklist_head (
  one boolean DEFAULT true NOT NULL,
  counter bigint DEFAULT 1 NOT NULL,
  seq bigint DEFAULT 0 NOT NULL,
  floor bigint DEFAULT 0 NOT NULL,
  CONSTRAINT blacklist_head_pkey PRIMARY KEY (one),
  CONSTRAINT blacklist_head_one_check CHECK (one)
);

CREATE TABLE cluster (
  one boolean DEFAULT true NOT NULL,
  served text NOT NULL,
  moved_to text,
  moved_at timestamp with time zone,
  tail_from timestamp with time zone,
  clock_high timestamp with time zone DEFAULT now() NOT NULL,
  clock_resets integer DEFAULT 0 NOT NULL,
  CONSTRAINT cluster_pkey PRIMARY KEY (one),
  CONSTRAINT cluster_one_check CHECK (one)
);

CREATE TABLE invitations (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  email text,
  name text,
  operator boolean DEFAULT false NOT NULL,
  app_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  mailed boolean NOT NULL,
  token_id uuid,
  invited_by uuid,
  accepted_by uuid,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  accepted_at timestamp with time zone,
  revoked_at timestamp with time zone,
  by_command_line boolean DEFAULT false NOT NULL,
  CONSTRAINT invitations_pkey PRIMARY KEY (id),
  CONSTRAINT invitations_accepted_by_fkey FOREIGN KEY (accepted_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT invitations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
  CONSTRAINT invitations_token_id_fkey FOREIGN KEY (token_id) REFERENCES one_time_tokens(id) ON DELETE SET NULL,
  CONSTRAINT invitations_ended CHECK (((accepted_at IS NULL) OR (revoked_at IS NULL))),
  CONSTRAINT invitations_erased CHECK (((email IS NULL) = (accepted_at IS NOT NULL)))
);

CREATE TABLE known_browsers (
  uid uuid NOT NULL,
  mark bytea NOT NULL,
  last_used_at timestamp with time zone NOT NULL,
  CONSTRAINT known_browsers_pkey PRIMARY KEY (uid, mark),
  CONSTRAINT known_browsers_uid_fkey FOREIGN KEY (uid) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT known_browsers_mark_check CHECK ((octet_length(mark) = 32))
);

CREATE TABLE mails (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  token_id uuid,
  uid uuid,
  recipient text,
  template text NOT NULL,
  locale text,
  data bytea,
  wrap_kid text,
  tries integer DEFAULT 0 NOT NULL,
  next_try_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  leased_until timestamp with time zone,
  expires_at timestamp with time zone,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  sent_at timestamp with time zone,
  failed_at timestamp with time zone,
  failure text,
  sid uuid,
  CONSTRAINT mails_pkey PRIMARY KEY (id),
  CONSTRAINT mails_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
  CONSTRAINT mails_token_id_fkey FOREIGN KEY (token_id) REFERENCES one_time_tokens(id) ON DELETE SET NULL,
  CONSTRAINT mails_uid_fkey FOREIGN KEY (uid) REFERENCES users(id) ON DELETE SET NULL,
  CONSTRAINT mails_data CHECK (((data IS NULL) = (wrap_kid IS NULL))),
  CONSTRAINT mails_erased CHECK ((((recipient IS NULL) = ((sent_at IS NOT NULL) OR (failed_at IS NOT NULL))) AND ((recipient IS NOT NULL) OR (data IS NULL))))
);

CREATE TABLE notice_cursors (
  name text NOT NULL,
  at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  sid uuid DEFAULT '00000000-0000-0000-0000-000000000000'::uuid NOT NULL,
  CONSTRAINT notice_cursors_pkey PRIMARY KEY (name),
  CONSTRAINT notice_cursors_name_check CHECK ((name = ANY (ARRAY['opened'::text, 'ended'::text])))
);

CREATE TABLE one_time_tokens (
  id uuid NOT NULL,
  purpose text NOT NULL,
  tenant_id text NOT NULL,
  uid uuid,
  email text,
  email_key text,
  secret_hash bytea,
  ticket_hash bytea,
  code_mac bytea,
  credential_version integer,
  data bytea,
  wrap_kid text,
  attempts integer DEFAULT 0 NOT NULL,
  created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  consumed_at timestamp with time zone,
  CONSTRAINT one_time_tokens_secret_hash_key UNIQUE (secret_hash),
  CONSTRAINT one_time_tokens_pkey PRIMARY KEY (id),
  CONSTRAINT one_time_tokens_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
  CONSTRAINT one_time_tokens_uid_fkey FOREIGN KEY (uid) REFERENCES users(id) ON DELETE CASCADE,
  CONSTRAINT one_time_tokens_code_mac_check CHECK ((octet_length(code_mac) = 32)),
  CONSTRAINT one_time_tokens_data CHECK (((data IS NULL) = (wrap_kid IS NULL))),
  CONSTRAINT one_time_tokens_secret_hash_check CHECK ((octet_length(secret_hash) = 32)),
  CONSTRAINT one_time_tokens_ticket_hash_check CHECK ((octet_length(ticket_hash) = 32)),
  CONSTRAINT one_time_tokens_user CHECK (((uid IS NULL) OR (credential_version IS NOT NULL)))
);

CREATE TABLE operator_invites (
  hash bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  expires_at timestamp with time zone NOT NULL,
  used_at timestamp with time zone,
  used_by uuid,
  CONSTRAINT operator_invites_pkey PRIMARY KEY (hash),
  CONSTRAINT operator_invites_used_by_fkey FOREIGN KEY (used_by) REFERENCES users(id),
  CONSTRAINT operator_invites_hash_check CHECK ((octet_length(hash) = 32)),
  CONSTRAINT operator_invites_used CHECK (((used_at IS NULL) = (used_by IS NULL)))
);

CREATE TABLE presence (
  sid uuid NOT NULL,
  server_id uuid NOT NULL,
  sockets integer NOT NULL,
  CONSTRAINT presence_pkey PRIMARY KEY (sid, server_id),
  CONSTRAINT presence_server_id_fkey FOREIGN KEY (server_id) REFERENCES servers(server_id) ON DELETE CASCADE,
  CONSTRAINT presence_sockets_check CHECK ((sockets > 0))
);

CREATE TABLE rate_limits (
  key character varying(255) NOT NULL,
  points integer DEFAULT 0 NOT NULL,
  expire bigint,
  CONSTRAINT rate_limits_pkey PRIMARY KEY (key)
);

CREATE TABLE secrets (
  kid text NOT NULL,
  first_seen timestamp with time zone DEFAULT now() NOT NULL,
  last_seen timestamp with time zone DEFAULT now() NOT NULL,
  missing_since timestamp with time zone,
  CONSTRAINT secrets_pkey PRIMARY KEY (kid)
);

CREATE TABLE servers (
  server_id uuid NOT NULL,
  lease_until timestamp with time zone NOT NULL,
  backend_id text,
  awaited_in text,
  reported_in text,
  covers_tail boolean,
  ends_written integer,
  CONSTRAINT servers_pkey PRIMARY KEY (server_id),
  CONSTRAINT servers_backend_id_fkey FOREIGN KEY (backend_id) REFERENCES backends(id) ON DELETE CASCADE
);

CREATE TABLE sessions (
  sid uuid NOT NULL,
  uid uuid NOT NULL,
  tenant_id text NOT NULL,
  gen integer NOT NULL,
  tag bytea NOT NULL,
  confirmed boolean DEFAULT false NOT NULL,
  touched_at timestamp with time zone NOT NULL,
  h_gen integer[] DEFAULT '{}'::integer[] NOT NULL,
  h_key bytea[] DEFAULT '{}'::bytea[] NOT NULL,
  h_at timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
  idle_seconds integer,
  idle_expires_at timestamp with time zone,
  expires_at timestamp with time zone NOT NULL,
  revoked_at timestamp with time zone,
  revoke_reason text,
  jkt text,
  auth_time integer NOT NULL,
  amr text[] NOT NULL,
  claims jsonb DEFAULT '{}'::jsonb NOT NULL,
  user_agent text,
  address_prefix text,
  created_at timestamp with time zone NOT NULL,
  last_active_at timestamp with time zone NOT NULL,
  scope text,
  CONSTRAINT sessions_pkey PRIMARY KEY (sid),
  CONSTRAINT sessions_uid_fkey FOREIGN KEY (uid) REFERENCES users(id),
  CONSTRAINT sessions_idle CHECK (((idle_seconds IS NULL) = (idle_expires_at IS NULL))),
  CONSTRAINT sessions_idle_seconds_check CHECK ((idle_seconds > 0)),
  CONSTRAINT sessions_revoked CHECK (((revoked_at IS NULL) = (revoke_reason IS NULL))),
  CONSTRAINT sessions_tag_check CHECK ((octet_length(tag) = 16))
) WITH (fillfactor=70);

CREATE TABLE signing_keys (
  kid text NOT NULL,
  state text NOT NULL,
  public_jwk jsonb NOT NULL,
  private_wrapped bytea NOT NULL,
  wrap_kid text NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  retired_at timestamp with time zone,
  CONSTRAINT signing_keys_pkey PRIMARY KEY (kid),
  CONSTRAINT signing_keys_retired CHECK (((state = 'previous'::text) = (retired_at IS NOT NULL))),
  CONSTRAINT signing_keys_state_check CHECK ((state = ANY (ARRAY['next'::text, 'current'::text, 'previous'::text])))
);

CREATE TABLE tenant_head (
  one boolean DEFAULT true NOT NULL,
  seq bigint DEFAULT 0 NOT NULL,
  CONSTRAINT tenant_head_pkey PRIMARY KEY (one),
  CONSTRAINT tenant_head_one_check CHECK (one)
);

CREATE TABLE tenant_logos (
  tenant_id text NOT NULL,
  hash text NOT NULL,
  type text NOT NULL,
  bytes bytea NOT NULL,
  CONSTRAINT tenant_logos_pkey PRIMARY KEY (tenant_id),
  CONSTRAINT tenant_logos_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id) ON DELETE CASCADE,
  CONSTRAINT tenant_logos_bytes_check CHECK ((octet_length(bytes) <= 65536)),
  CONSTRAINT tenant_logos_type_check CHECK ((type = ANY (ARRAY['png'::text, 'webp'::text])))
);

CREATE TABLE tenants (
  id text NOT NULL,
  name text NOT NULL,
  registration_open boolean DEFAULT false NOT NULL,
  max_active_minutes integer,
  max_idle_minutes integer,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  limits_seq bigint DEFAULT 0 NOT NULL,
  code_version integer DEFAULT 1 NOT NULL,
  email_verification text DEFAULT 'off'::text NOT NULL,
  email_sign_in boolean DEFAULT false NOT NULL,
  password_min_length integer,
  allowed_domains text[] DEFAULT '{}'::text[] NOT NULL,
  max_sessions integer,
  session_limit text DEFAULT 'end_oldest'::text NOT NULL,
  brand jsonb,
  locale text,
  disabled_at timestamp with time zone,
  CONSTRAINT tenants_pkey PRIMARY KEY (id),
  CONSTRAINT tenants_email_verification_check CHECK ((email_verification = ANY (ARRAY['off'::text, 'optional'::text, 'required'::text]))),
  CONSTRAINT tenants_id_check CHECK ((id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text)),
  CONSTRAINT tenants_max_active_minutes_check CHECK ((max_active_minutes > 0)),
  CONSTRAINT tenants_max_idle_minutes_check CHECK ((max_idle_minutes > 0)),
  CONSTRAINT tenants_max_sessions_check CHECK ((max_sessions >= 1)),
  CONSTRAINT tenants_password_min_length_check CHECK (((password_min_length >= 8) AND (password_min_length <= 64))),
  CONSTRAINT tenants_session_limit_check CHECK ((session_limit = ANY (ARRAY['end_oldest'::text, 'refuse'::text])))
);

CREATE TABLE traffic (
  minute timestamp with time zone NOT NULL,
  rotations bigint DEFAULT 0 NOT NULL,
  logins bigint DEFAULT 0 NOT NULL,
  sessions bigint,
  CONSTRAINT traffic_pkey PRIMARY KEY (minute)
);

CREATE TABLE users (
  id uuid NOT NULL,
  tenant_id text NOT NULL,
  email text,
  email_key text,
  password_hash text,
  external_id text,
  profile jsonb DEFAULT '{}'::jsonb NOT NULL,
  operator boolean DEFAULT false NOT NULL,
  credential_version integer DEFAULT 1 NOT NULL,
  disabled_at timestamp with time zone,
  created_at timestamp with time zone DEFAULT now() NOT NULL,
  email_skeleton text,
  email_verified_at timestamp with time zone,
  name text,
  picture text,
  locale text,
  user_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  app_metadata jsonb DEFAULT '{}'::jsonb NOT NULL,
  password_change_required boolean DEFAULT false NOT NULL,
  deleted_at timestamp with time zone,
  taken_over_at timestamp with time zone,
  CONSTRAINT users_email_unique UNIQUE (tenant_id, email_key),
  CONSTRAINT users_external_unique UNIQUE (tenant_id, external_id),
  CONSTRAINT users_look_alike_unique UNIQUE (tenant_id, email_skeleton),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES tenants(id),
  CONSTRAINT users_identified CHECK (((email_key IS NOT NULL) OR (external_id IS NOT NULL) OR (deleted_at IS NOT NULL)))
);

CREATE INDEX audit_by_action ON public.audit USING btree (action, id);

CREATE INDEX audit_by_session ON public.audit USING btree (sid, id) WHERE (sid IS NOT NULL);

CREATE INDEX audit_by_tenant ON public.audit USING btree (tenant_id, id);

CREATE INDEX audit_by_tenant_action ON public.audit USING btree (tenant_id, action, id);

CREATE INDEX audit_by_time ON public.audit USING btree (at, id);

CREATE INDEX audit_by_user ON public.audit USING btree (uid, id);

CREATE INDEX audit_by_user_action ON public.audit USING btree (uid, action, id);

CREATE INDEX backends_in_order ON public.backends USING btree (id COLLATE "C");

CREATE INDEX invitations_by_address ON public.invitations USING btree (tenant_id, email) WHERE ((accepted_at IS NULL) AND (revoked_at IS NULL));

CREATE INDEX invitations_by_creation ON public.invitations USING btree (created_at, id);

CREATE INDEX invitations_by_token ON public.invitations USING btree (token_id) WHERE (token_id IS NOT NULL);

CREATE INDEX known_browsers_by_use ON public.known_browsers USING btree (last_used_at);

CREATE INDEX mails_by_creation ON public.mails USING btree (created_at, id);

CREATE INDEX mails_by_token ON public.mails USING btree (token_id) WHERE (token_id IS NOT NULL);

CREATE INDEX mails_by_user ON public.mails USING btree (uid) WHERE (uid IS NOT NULL);

CREATE INDEX mails_waiting ON public.mails USING btree (next_try_at) WHERE ((sent_at IS NULL) AND (failed_at IS NULL));

CREATE INDEX one_time_tokens_by_address ON public.one_time_tokens USING btree (tenant_id, email_key, purpose);

CREATE INDEX one_time_tokens_by_expiry ON public.one_time_tokens USING btree (expires_at);

CREATE INDEX one_time_tokens_by_ticket ON public.one_time_tokens USING btree (ticket_hash) WHERE (ticket_hash IS NOT NULL);

CREATE INDEX one_time_tokens_by_user ON public.one_time_tokens USING btree (uid) WHERE (uid IS NOT NULL);

CREATE INDEX one_time_tokens_requested ON public.one_time_tokens USING btree (created_at) WHERE ((secret_hash IS NULL) AND (code_mac IS NULL) AND (consumed_at IS NULL));

CREATE INDEX presence_by_server ON public.presence USING btree (server_id);

CREATE INDEX sessions_by_revocation ON public.sessions USING btree (revoked_at, sid) WHERE (revoked_at IS NOT NULL);

CREATE INDEX sessions_ended_by_user ON public.sessions USING btree (uid) WHERE (revoked_at IS NOT NULL);

CREATE INDEX sessions_live_by_creation ON public.sessions USING btree (created_at, sid) WHERE (revoked_at IS NULL);

CREATE INDEX sessions_live_by_tenant ON public.sessions USING btree (tenant_id, created_at, sid) WHERE (revoked_at IS NULL);

CREATE INDEX sessions_live_by_user ON public.sessions USING btree (uid, created_at) WHERE (revoked_at IS NULL);

CREATE INDEX tenant_logos_by_hash ON public.tenant_logos USING btree (hash);

CREATE INDEX tenants_by_limits_seq ON public.tenants USING btree (limits_seq);

CREATE INDEX tenants_in_order ON public.tenants USING btree (id COLLATE "C");

CREATE INDEX users_by_address ON public.users USING btree (COALESCE(email_key, lower(email)) text_pattern_ops);

CREATE INDEX users_by_creation ON public.users USING btree (created_at, id);

CREATE INDEX users_by_hash_cost ON public.users USING btree ("substring"(password_hash, '^(\$2[aby]\$[0-9]{2}|\$.*(?=\$[^$]*\$[^$]*$))'::text));

CREATE INDEX users_by_tenant ON public.users USING btree (tenant_id, created_at, id);

CREATE INDEX users_disabled ON public.users USING btree (created_at, id) WHERE (disabled_at IS NOT NULL);

CREATE INDEX users_operators ON public.users USING btree (id) WHERE operator;

CREATE UNIQUE INDEX mails_once_for_a_session ON public.mails USING btree (sid, template) WHERE (sid IS NOT NULL);

CREATE UNIQUE INDEX signing_keys_one_current ON public.signing_keys USING btree (state) WHERE (state = 'current'::text);

CREATE UNIQUE INDEX signing_keys_one_next ON public.signing_keys USING btree (state) WHERE (state = 'next'::text);

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
    BEGIN
      IF TG_OP = 'DELETE' AND current_setting('latchkey.audit_prune', true) = txid_current()::text THEN RETURN NULL; END IF;
      RAISE EXCEPTION 'audit is append only';
    END $function$
;

CREATE OR REPLACE FUNCTION public.prune_audit(until timestamp with time zone, most integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
    DECLARE pruned integer;
    BEGIN
      IF until > now() - interval '7 days' THEN RAISE EXCEPTION 'audit rows of the last seven days are kept'; END IF;
      PERFORM set_config('latchkey.audit_prune', txid_current()::text, true);
      WITH old AS (SELECT id FROM audit WHERE at < until ORDER BY at, id LIMIT most FOR UPDATE SKIP LOCKED)
        DELETE FROM audit USING old WHERE audit.id = old.id;
      GET DIAGNOSTICS pruned = ROW_COUNT;
      PERFORM set_config('latchkey.audit_prune', '', true);
      RETURN pruned;
    END $function$
;

CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();
