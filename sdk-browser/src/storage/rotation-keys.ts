import { rotationKeyPattern } from '@latchkey/contract';
import { randomBase64url } from '../platform/random.ts';
import type { Shelf } from './storage.ts';
import type { HeldToken } from './token.ts';

/** Keys of one attempt: the first may become the tag of the next generation, the others prove an earlier attempt. */
export interface AttemptKeys {
  readonly rotationKey: string;
  readonly alsoRotationKeys: string[];
}

/**
 * Rotation keys: append-only entries `key:<sid>:<gen>:<attempt>`, shared by the tabs, written before
 * they are sent, never overwritten, dropped when the generation advances.
 */
interface RotationKeys {
  /** The keys to send with this token; makes and stores one when there is none. */
  forAttempt(held: HeldToken): AttemptKeys;
  /** Drops the keys of every other session and of earlier generations. */
  dropBefore(held: { readonly sid: string; readonly gen: number }): void;
  dropAll(): void;
}

const keyBytes = 16;
const attemptBytes = 6;
const mostKeys = 4;

export function newKey(): string {
  return randomBase64url(keyBytes);
}

function isKey(value: string | undefined): value is string {
  return value !== undefined && rotationKeyPattern.test(value);
}

/** Four of the keys; a further attempt starts further on, so that more than four are all shown in the end. */
function pick(keys: readonly string[], attempt: number): AttemptKeys {
  const count = Math.min(mostKeys, keys.length);
  const start = keys.length > mostKeys ? (attempt * mostKeys) % keys.length : 0;
  const picked = Array.from({ length: count }, (_, index) => keys[(start + index) % keys.length] as string);
  const [rotationKey, ...alsoRotationKeys] = picked;
  return { rotationKey: rotationKey as string, alsoRotationKeys };
}

export function createRotationKeys(shelf: Shelf): RotationKeys {
  let attempts = 0;
  const stored = (start: string): string[] => {
    const values = shelf.names(start).map((name) => ({ name, value: shelf.get(name) }));
    for (const { name, value } of values) if (!isKey(value)) shelf.remove(name);
    return values.map(({ value }) => value).filter(isKey);
  };
  const append = (start: string): void => shelf.set(start + randomBase64url(attemptBytes), newKey());
  const drop = (isStale: (sid: string, gen: number) => boolean): void => {
    for (const name of shelf.names('key:')) {
      const [, sid = '', gen = ''] = name.split(':');
      if (isStale(sid, Number(gen))) shelf.remove(name);
    }
  };
  return Object.freeze({
    forAttempt({ sid, gen }: HeldToken) {
      const start = `key:${sid}:${gen}:`;
      if (stored(start).length === 0) append(start);
      attempts += 1;
      return pick(stored(start), attempts);
    },
    dropBefore: (held: { sid: string; gen: number }) => drop((sid, gen) => sid !== held.sid || !(gen >= held.gen)),
    dropAll: () => drop(() => true),
  });
}
