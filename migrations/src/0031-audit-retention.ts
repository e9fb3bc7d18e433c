import { type Kysely, sql } from 'kysely';

/**
 * The audit stays append only but for `prune_audit`, which deletes the oldest rows and refuses those of the last seven days.
 * It allows the deletion for its own statement, and not for the rest of the transaction. It runs as its owner, so that a role
 * of nodes needs no right to delete from the audit.
 */
const statements = [
  `CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND current_setting('latchkey.audit_prune', true) = txid_current()::text THEN RETURN NULL; END IF;
      RAISE EXCEPTION 'audit is append only';
    END $$`,
  `DO $do$ BEGIN EXECUTE format($format$
  CREATE FUNCTION prune_audit(until timestamptz, most integer) RETURNS integer LANGUAGE plpgsql
    SECURITY DEFINER SET search_path TO %I, pg_temp AS $$
    DECLARE pruned integer;
    BEGIN
      IF until > now() - interval '7 days' THEN RAISE EXCEPTION 'audit rows of the last seven days are kept'; END IF;
      PERFORM set_config('latchkey.audit_prune', txid_current()::text, true);
      WITH old AS (SELECT id FROM audit WHERE at < until ORDER BY at, id LIMIT most FOR UPDATE SKIP LOCKED)
        DELETE FROM audit USING old WHERE audit.id = old.id;
      GET DIAGNOSTICS pruned = ROW_COUNT;
      PERFORM set_config('latchkey.audit_prune', '', true);
      RETURN pruned;
    END $$
  $format$, current_schema()); END $do$`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
