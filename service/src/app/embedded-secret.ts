import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { random, toBase64url } from '../base/bytes.ts';
import type { Config } from '../config/config.ts';

/** The configured secrets, or in embedded mode the one that the first start made in the data folder (mode 600). */
export function loadSecrets({ secret, embedded, dataDir }: Pick<Config, 'secret' | 'embedded' | 'dataDir'>): string[] {
  if (secret.length > 0 || !embedded) return [...secret];
  const file = join(dataDir, 'secret');
  if (!existsSync(file)) {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(file, toBase64url(random(32)), { mode: 0o600, flag: 'wx' });
  }
  return [readFileSync(file, 'utf8').trim()];
}
