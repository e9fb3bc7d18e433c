import { createHmac, hkdfSync, type KeyObject, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';

/** Keys of the nonces, the newest first. Nodes with the same keys accept each other's nonces. */
export type NonceKeys = readonly (KeyObject | Uint8Array)[];

/** Stateless nonces (RFC 9449 §8). */
interface Nonces {
  /** The one to hand out now: accepted for 9 to 10 minutes. */
  current(): string;
  /** Made by one of the keys, within the last 10 minutes, or the next 5 (clocks differ), and since the last `renew`. */
  isRecent(nonce: string): boolean;
  /** Refuses every nonce that was received or issued before this call. */
  rotate(): void;
}

/** How long a nonce is accepted, in milliseconds. */
export const nonceLifetimeMs = 600_000;
/** How far another node's clock may be ahead, in milliseconds. */
export const maxClockAheadMs = 300_000;
/** How long one nonce is issued. */
const reuseMs = 60_000;

/**
 * A nonce is the moment of its making and the MAC of that, so that all nodes agree without a word. Without keys: of this
 * process only.
 */
export function createNonces({
  clock,
  keys = [],
}: {
  clock: Clock;
  keys?: NonceKeys | (() => NonceKeys) | undefined;
}): Nonces {
  const own = [randomBytes(32)];
  const makers = (): NonceKeys => {
    const given = typeof keys === 'function' ? keys() : keys;
    return given.length === 0 ? own : given;
  };
  let issued = { madeAt: Number.NEGATIVE_INFINITY, nonce: '' };
  let newest = Number.NEGATIVE_INFINITY;
  let floor = Number.NEGATIVE_INFINITY;

  function make(now: number): typeof issued {
    const madeAt = Math.max(now, floor + 1);
    return { madeAt, nonce: computeNonce(makers()[0]!, madeAt) };
  }

  return Object.freeze<Nonces>({
    current() {
      const now = clock.now();
      const isStanding = issued.madeAt > floor && Math.abs(now - issued.madeAt) < reuseMs;
      if (!isStanding) issued = make(Math.floor(now));
      return issued.nonce;
    },
    isRecent(nonce) {
      const madeAt = Number.parseInt(nonce, 36);
      const age = clock.now() - madeAt;
      if (!(madeAt > floor && age < nonceLifetimeMs && age > -maxClockAheadMs)) return false;
      if (!makers().some((key) => isSame(nonce, computeNonce(key, madeAt)))) return false;
      newest = Math.max(newest, madeAt);
      return true;
    },
    rotate() {
      // Also what nodes with faster clocks have made.
      floor = Math.max(floor, newest, issued.madeAt, Math.floor(clock.now()));
    },
  });
}

/** Key of the nonces of all nodes with this secret (HKDF, RFC 5869). */
export function deriveNonceKey(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'latchkey', 'latchkey dpop-nonce', 32));
}

function computeNonce(key: NonceKeys[number], madeAt: number): string {
  const mac = createHmac('sha256', key).update(`latchkey dpop-nonce ${madeAt}`).digest().subarray(0, 16);
  return `${madeAt.toString(36)}.${mac.toString('base64url')}`;
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
