import type { Config } from '../config/config.ts';
import type { Db } from '../db/schema.ts';
import type { Domain } from './create-domain.ts';

const dayMs = 86_400_000;

/** Rotates the signing keys when the setting says so, and records it as `by: schedule`. The setting 0 never does. */
export const rotateKeysOnSchedule =
  ({ keys, audit }: Pick<Domain, 'keys' | 'audit'>, db: Db, { keyRotationInDays }: Pick<Config, 'keyRotationInDays'>) =>
  async (): Promise<void> => {
    if (keyRotationInDays === 0) return;
    await keys.rotateWhenDue(db, keyRotationInDays * dayMs, (tx, kid) =>
      audit.record(tx, { action: 'keys_rotated', detail: { by: 'schedule', kid } }),
    );
  };
