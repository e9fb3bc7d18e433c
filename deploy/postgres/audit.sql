-- After the first `migrate`, as latchkey_migrate or a superuser, connected to the database of Latchkey:
--   psql --file=audit.sql latchkey
-- With --set=schema=NAME if roles.sql had it. At an error psql exits with 3.
--
-- Nodes add entries to the audit, and old ones are deleted by the function prune_audit alone, which keeps those of the last
-- seven days.

\set ON_ERROR_STOP on
\if :{?schema}
\else
\set schema public
\endif

REVOKE UPDATE, DELETE ON :"schema".audit FROM latchkey_service;
