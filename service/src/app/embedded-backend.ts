import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Failure } from '@latchkey/contract';
import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import type { Backends, Credential } from '../domain/backend/backends.ts';

/** The backend that the first start of embedded mode makes. */
const id = 'development';

/**
 * `backend.json` in the data folder (mode 600), so that an app on this machine finds its credential. A file that stands
 * is left alone, whatever became of its backend.
 */
export async function makeDevelopmentBackend(
  { embedded, dataDir }: Pick<Config, 'embedded' | 'dataDir'>,
  { backends, db }: { backends: Backends; db: Db },
): Promise<void> {
  const file = join(dataDir, 'backend.json');
  if (!embedded || existsSync(file)) return;
  const { backend, secret } = await makeOrRotate(backends, db);
  const draft = `${file}.new`;
  const text = `${JSON.stringify({ backend_id: backend.id, backend_secret: secret })}\n`;
  writeFileSync(draft, text, { mode: 0o600, flush: true });
  renameSync(draft, file);
}

/** The backend stands already when somebody removed the file, or the first start died before it was written. */
async function makeOrRotate(backends: Backends, db: Db): Promise<Credential> {
  try {
    return await backends.create(db, { id, name: 'Development' });
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'identifier_taken') throw error;
    return backends.rotate(db, id);
  }
}
