import { createHmac, hkdfSync, type KeyObject, randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';

/** Keys of the nonces, the newest first; whoever has the same ones takes each other's nonces. */
export type NonceKeys = readonly (KeyObject | Uint8Array)[];

/** Nonces that nobody has to remember (RFC 9449 §8). */
export interface Nonces {
  /** The one to hand out now: accepted for 5 to 10 minutes. */
  current(): string;
  /** Made by one of the keys, in this window, the one before, or the next (clocks differ). */
  isRecent(nonce: string): boolean;
}

const windowMs = 300_000;

/** A nonce is the MAC of its window of time, so that all nodes agree without a word. Without keys: of this process only. */
export function createNonces({ clock, keys }: { clock: Clock; keys?: NonceKeys | undefined }): Nonces {
  const makers = keys === undefined || keys.length === 0 ? [randomBytes(32)] : keys;
  let standing = { window: Number.NaN, recent: [] as readonly string[] };

  function recent(): readonly string[] {
    const window = Math.floor(clock.now() / windowMs);
    if (standing.window !== window) {
      const near = [window, window - 1, window + 1];
      standing = { window, recent: makers.flatMap((key) => near.map((each) => nonceOf(key, each))) };
    }
    return standing.recent;
  }

  return Object.freeze<Nonces>({
    current: () => recent()[0]!,
    isRecent: (nonce) => recent().includes(nonce),
  });
}

/** Key of the nonces of everybody who has this secret (HKDF, RFC 5869). */
export function nonceKeyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'latchkey', 'latchkey dpop-nonce', 32));
}

function nonceOf(key: NonceKeys[number], window: number): string {
  return createHmac('sha256', key)
    .update(`latchkey dpop-nonce ${window}`)
    .digest()
    .subarray(0, 16)
    .toString('base64url');
}
