import { rotationKeyPattern } from '@latchkey/contract';
import { randomBase64url } from '../platform/random.ts';
import type { StorageAdapter } from './storage-adapter.ts';
import type { StoredToken } from './token.ts';

/** Rotation keys of one attempt, as the service receives them. The first may become the tag of the next generation. */
type RotationAttempt = {
  readonly rotation_key: string;
  /** Keys that prove earlier attempts. */
  readonly also_rotation_keys?: string[];
};

const keyBytes = 16;
const attemptBytes = 6;
const maxKeys = 4;

/** Returns 16 random bytes as base64url. */
export function createRotationKey(): string {
  return randomBase64url(keyBytes);
}

function isRotationKey(value: string | undefined): value is string {
  return value !== undefined && rotationKeyPattern.test(value);
}

/** Returns at most four of the keys. Each attempt starts at a later one, so that all keys are presented after some attempts. */
function selectKeys(keys: readonly string[], attempt: number): RotationAttempt {
  const count = Math.min(maxKeys, keys.length);
  const start = keys.length > maxKeys ? (attempt * maxKeys) % keys.length : 0;
  const picked = Array.from({ length: count }, (_, index) => keys[(start + index) % keys.length] as string);
  const [rotation_key = '', ...also_rotation_keys] = picked;
  return { rotation_key, ...(also_rotation_keys.length === 0 ? {} : { also_rotation_keys }) };
}

/** Creates the rotation keys in `storage`. */
export function createRotationKeys(storage: StorageAdapter) {
  let attempts = 0;
  const stored = (start: string): string[] => {
    const values = storage.names(start).map((name) => ({ name, value: storage.get(name) }));
    for (const { name, value } of values) if (!isRotationKey(value)) storage.remove(name);
    return values.map(({ value }) => value).filter(isRotationKey);
  };
  const append = (start: string): void => storage.set(start + randomBase64url(attemptBytes), createRotationKey());
  const drop = (isStale: (sid: string, gen: number) => boolean): void => {
    for (const name of storage.names('key:')) {
      const [, sid = '', gen = ''] = name.split(':');
      if (isStale(sid, Number(gen))) storage.remove(name);
    }
  };
  return Object.freeze({
    /** Returns the keys to send with this token. Creates and stores one when there is none. */
    forAttempt({ sid, gen }: StoredToken) {
      const start = `key:${sid}:${gen}:`;
      if (stored(start).length === 0) append(start);
      attempts += 1;
      return selectKeys(stored(start), attempts);
    },
    /** Drops the keys of every other session and of earlier generations. */
    dropBefore: (held: { sid: string; gen: number }) => drop((sid, gen) => sid !== held.sid || !(gen >= held.gen)),
    dropAll: () => drop(() => true),
  });
}
