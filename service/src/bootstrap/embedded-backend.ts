import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@latchkey/contract';
import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import { withTransaction } from '../db/transaction.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { Backends, IssuedCredential } from '../domain/backend/backends.ts';

interface DevelopmentBackendDeps {
  readonly backends: Pick<Backends, 'create' | 'rotate'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly db: Db;
}

/** The backend that the first start of embedded mode makes. */
const id = 'development';

/**
 * `backend.json` in the data folder (mode 600), with the credential for an app on this machine. An existing file is not
 * changed, even if its backend was removed.
 */
export async function ensureDevelopmentBackend(
  { embedded, dataDir }: Pick<Config, 'embedded' | 'dataDir'>,
  deps: DevelopmentBackendDeps,
): Promise<void> {
  const file = join(dataDir, 'backend.json');
  if (!embedded || existsSync(file)) return;
  const { backend, secret } = await createOrRotate(deps);
  const draft = `${file}.new`;
  const text = `${JSON.stringify({ backend_id: backend.id, backend_secret: secret })}\n`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

/** The backend exists when the file was removed, or the first start crashed before it was written. */
async function createOrRotate(deps: DevelopmentBackendDeps): Promise<IssuedCredential> {
  try {
    return await create(deps);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'identifier_taken') throw error;
    return rotate(deps);
  }
}

function create({ backends, audit, db }: DevelopmentBackendDeps): Promise<IssuedCredential> {
  return withTransaction(db, async ({ tx }) => {
    const made = await backends.create(tx, { id, name: 'Development' });
    const detail = { by: 'start', made: id, scopes: made.backend.scopes.join(' ') };
    await audit.record(tx, { action: 'backend_created', detail });
    return made;
  });
}

function rotate({ backends, audit, db }: DevelopmentBackendDeps): Promise<IssuedCredential> {
  return withTransaction(db, async ({ tx }) => {
    const made = await backends.rotate(tx, id);
    await audit.record(tx, { action: 'backend_changed', detail: { by: 'start', changed: id, change: 'rotated' } });
    return made;
  });
}
