import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBuffer, toBase64url } from '../base/bytes.ts';
import { makePrivateFolder } from '../base/make-private-folder.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';

const secretBytes = 32;

/**
 * The configured secrets, or in embedded mode the one that the first start made in the data folder (mode 600).
 *
 * @throws ConfigError the file holds less than a secret: with an empty one, any caller could sign tokens
 */
export function loadOrCreateSecrets({
  secret,
  embedded,
  dataDir,
}: Pick<Config, 'secret' | 'embedded' | 'dataDir'>): string[] {
  if (secret.length > 0 || !embedded) return [...secret];
  const file = join(dataDir, 'secret');
  if (!existsSync(file)) createSecret(dataDir, file);
  const read = readFileSync(file, 'utf8').trim();
  if (Buffer.byteLength(read) < secretBytes)
    throw new ConfigError(
      `The file ${file} holds no secret. Restore its backup, or remove it: then all users sign in again, after a day at the latest.`,
    );
  return [read];
}

/** Returns the function that loads the secrets when it is called first. */
export function createSecretReader(config: Parameters<typeof loadOrCreateSecrets>[0]): () => readonly string[] {
  let secrets: readonly string[] | undefined;
  return () => (secrets ??= loadOrCreateSecrets(config));
}

/** Shows the file under its name only when it is whole and on the disk. */
function createSecret(dataDir: string, file: string): void {
  makePrivateFolder(dataDir);
  const draft = `${file}.new`;
  writeFileSync(draft, toBase64url(randomBuffer(secretBytes)), { mode: 0o600, flush: true });
  renameSync(draft, file);
}
