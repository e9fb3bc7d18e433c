import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import type { Audit } from '../domain/audit/audits.ts';
import type { SigningKeys } from '../domain/key/keys.ts';
import type { Component } from './lifecycle.ts';

/**
 * The signing keys as a part. The folder of the embedded database has one owner: a current key that it cannot unwrap
 * stands under a secret that is lost, and nobody will ever sign with it. Elsewhere another node may have that secret.
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
