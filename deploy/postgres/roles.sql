-- Roles with least privileges. Run as a superuser, connected to the database of Latchkey, before the first `migrate`:
--   psql --set=migrate_password=… --set=service_password=… --file=roles.sql latchkey
--
-- `migrate` runs with the DATABASE_URL of latchkey_migrate, which owns the tables. Nodes run with that of latchkey_service, which
-- reads and writes rows, and cannot change the schema. After the first `migrate` run audit.sql, which keeps the audit append only.

CREATE ROLE latchkey_migrate LOGIN PASSWORD :'migrate_password';
CREATE ROLE latchkey_service LOGIN PASSWORD :'service_password';

-- With PgBouncer only, which does not pass on what nodes ask for. Long commands, such as `user import`, then connect without it.
-- ALTER ROLE latchkey_service SET statement_timeout = '2s';
-- ALTER ROLE latchkey_service SET idle_in_transaction_session_timeout = '5s';

REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO latchkey_migrate;
GRANT USAGE ON SCHEMA public TO latchkey_service;
-- Search by a part of a name uses pg_trgm, which the owner of the database may create. Without it the search is slower.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- For what latchkey_migrate creates from now on, so also for later versions.
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_migrate IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO latchkey_service;
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_migrate IN SCHEMA public GRANT USAGE ON SEQUENCES TO latchkey_service;
ALTER DEFAULT PRIVILEGES FOR ROLE latchkey_migrate IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO latchkey_service;
