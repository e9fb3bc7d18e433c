import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';

/** The configured secrets, or those of the embedded database. Creates none: without a file there is none. */
export function readSecretsOf({
  secret,
  embedded,
  dataDir,
}: Pick<Config, 'secret' | 'embedded' | 'dataDir'>): readonly string[] {
  const file = join(dataDir, 'secret');
  if (secret.length > 0 || !embedded || !existsSync(file)) return secret;
  return [readFileSync(file, 'utf8').trim()];
}
