import { availableParallelism } from 'node:os';
import { fail } from '@latchkey/contract';
import { hash, parseOptions, verify } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { randomBuffer } from '../../base/bytes.ts';

interface PasswordHasherOptions {
  /** Memory of one hash, in KiB. */
  readonly memoryInKib: number;
  readonly passes: number;
  /** Hashes at work at once; default: the cores of the machine. */
  readonly concurrency?: number | undefined;
  /** Hashes that may wait for their turn; one more is refused. Default 50. */
  readonly maxWaiting?: number;
}

const retryAfterMs = 1_000;
const saltBytes = 16;
const hashBytes = 32;

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;

/**
 * Hashes passwords with argon2id (RFC 9106) off the main thread, so many at once and not more.
 *
 * @example
 * const hasher = createPasswordHasher({ memoryInKib: 19_456, passes: 2 });
 * const isRight = await hasher.verify(await hasher.hash('a password'), 'a password');
 */
export function createPasswordHasher(options: PasswordHasherOptions) {
  const { memoryInKib, passes, concurrency = availableParallelism(), maxWaiting = 50 } = options;
  const limit = pLimit(concurrency);
  const parameters = { memoryCost: memoryInKib, timeCost: passes, parallelism: 1, outputLen: hashBytes };
  const dummyHash = createDummyHash(memoryInKib, passes);

  function assertCapacity(): void {
    if (limit.pendingCount >= maxWaiting) throw fail('overloaded', { retryAfterMs, detail: 'password hashing' });
  }
  async function queued<T>(work: () => Promise<T>): Promise<T> {
    assertCapacity();
    return limit(work);
  }
  return Object.freeze({
    /** @throws overloaded when too many wait already; cheap, for asking before any other work */
    assertCapacity,
    /** A PHC string with its own salt. @throws overloaded */
    hash: (password: string) => queued(() => hash(password, parameters)),
    /** Without a hash it does the same work and says no. @throws overloaded */
    async verify(stored: string | undefined, password: string) {
      const isRight = await queued(() => verify(stored ?? dummyHash, password));
      return isRight && stored !== undefined;
    },
    /** True when the hash was made with other parameters than today's. */
    isOutdated(stored: string) {
      const made = parseOptions(stored);
      return !stored.startsWith('$argon2id$v=19$') || !isSameCost(made, parameters);
    },
  });
}

type Cost = Readonly<Record<'memoryCost' | 'timeCost' | 'parallelism' | 'outputLen', number>>;

function isSameCost(left: Cost, right: Cost): boolean {
  return (['memoryCost', 'timeCost', 'parallelism', 'outputLen'] as const).every((name) => left[name] === right[name]);
}

/** A hash of a random password. A check against it takes as long as a real one, so timing does not reveal unknown users. */
function createDummyHash(memoryInKib: number, passes: number): string {
  const base64 = (bytes: number) => randomBuffer(bytes).toString('base64').replaceAll('=', '');
  return `$argon2id$v=19$m=${memoryInKib},t=${passes},p=1$${base64(saltBytes)}$${base64(hashBytes)}`;
}
