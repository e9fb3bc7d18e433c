-- After the first `migrate`, as latchkey_migrate or a superuser: nodes add entries to the audit, and old ones are deleted by the
-- function prune_audit alone, which keeps those of the last seven days.
REVOKE UPDATE, DELETE ON audit FROM latchkey_service;
