import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';

/** Puts a fresh, empty database where the service looks for one, unless one stands there. */
export async function seedEmbeddedData(dataFolder: string): Promise<void> {
  const folder = join(dataFolder, 'db');
  if (!existsSync(folder)) cpSync(await emptyDatabase(), folder, { recursive: true });
}

/**
 * A folder of PGlite, made once for each of its versions and kept in the temporary folder: making one costs seconds of
 * work, copying it none.
 */
async function emptyDatabase(): Promise<string> {
  const folder = join(tmpdir(), `latchkey-pglite-${pgliteVersion()}`);
  if (existsSync(folder)) return folder;
  const made = mkdtempSync(join(tmpdir(), 'latchkey-pglite-'));
  const lite = await PGlite.create({ dataDir: join(made, 'db') });
  await lite.close();
  try {
    renameSync(join(made, 'db'), folder);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  return folder;
}

function pgliteVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  const manifest = join(dirname(entry), '..', 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
