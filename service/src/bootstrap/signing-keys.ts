import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { SigningKeys } from '../domain/key/keys.ts';
import type { Component } from './lifecycle.ts';

/**
 * The signing keys as a component. The folder of the embedded database has one owner, so a current key that it cannot
 * decrypt belongs to a lost secret and is replaced. With PostgreSQL another node may have that secret.
 */
export function signingKeysComponent(
  { embedded }: Pick<Config, 'embedded'>,
  { keys, audit, db }: { keys: SigningKeys; audit: Pick<Audit, 'record'>; db: Db },
): Component {
  return {
    name: 'keys',
    async start() {
      await keys.start();
      if (!embedded || keys.canSign()) return;
      await keys.rotate(db, (tx, kid) =>
        audit.record(tx, { action: 'keys_rotated', detail: { by: 'start', kid, why: 'secret lost' } }),
      );
    },
    stop: () => keys.stop(),
  };
}
