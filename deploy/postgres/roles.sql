-- Roles with least privileges. Run as a superuser, connected to the database of Latchkey, before the first `migrate`:
--   psql --set=migrate_password=… --set=service_password=… --file=roles.sql latchkey
-- With --set=schema=NAME the tables are in a schema of their own, which is created here. Default: public.
--
-- `migrate` runs with the DATABASE_URL of latchkey_migrate, which owns the tables. Nodes run with that of latchkey_service, which
-- reads and writes rows, and cannot change the schema. After the first `migrate` run audit.sql, which keeps the audit append only.
-- At an error nothing is changed, and psql exits with 3.

\set ON_ERROR_STOP on
\if :{?schema}
\else
\set schema public
\endif

BEGIN;

CREATE ROLE latchkey_migrate LOGIN PASSWORD :'migrate_password';
CREATE ROLE latchkey_service LOGIN PASSWORD :'service_password';

-- With PgBouncer only, which does not pass on what nodes ask for. Long commands, such as `user import`, then connect without it.
-- ALTER ROLE latchkey_service SET statement_timeout = '2s';
-- ALTER ROLE latchkey_service SET idle_in_transaction_session_timeout = '5s';

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA IF NOT EXISTS :"schema";
GRANT USAGE, CREATE ON SCHEMA :"schema" TO latchkey_migrate;
GRANT USAGE ON SCHEMA :"schema" TO latchkey_service;
-- Tables are created, and found, in the first schema of the path. Extensions are in public.
ALTER ROLE latchkey_migrate IN DATABASE :"DBNAME" SET search_path = :"schema", public;
ALTER ROLE latchkey_service IN DATABASE :"DBNAME" SET search_path = :"schema", public;
-- Search by a part of a name uses pg_trgm, which the owner of the database may create. Without it the search is slower.
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;

-- For what latchkey_migrate creates from now on, so also for later versions.
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_migrate IN SCHEMA :"schema"
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO latchkey_service;
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_migrate IN SCHEMA :"schema" GRANT USAGE ON SEQUENCES TO latchkey_service;
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_migrate IN SCHEMA :"schema" GRANT EXECUTE ON FUNCTIONS TO latchkey_service;

COMMIT;
