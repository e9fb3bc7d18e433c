import { availableParallelism } from 'node:os';
import { fail } from '@latchkey/contract';
import { type Clock, createSystemClock } from '@latchkey/core/internal';
import { hash, parseOptions } from '@node-rs/argon2';
import pLimit from 'p-limit';
import { randomBuffer } from '../../base/bytes.ts';
import { delay } from '../../base/delay.ts';
import { createCheckTimes } from './hash/check-times.ts';
import { type PasswordHash, readHash } from './hash/password-hash.ts';

interface PasswordHasherOptions {
  /** Memory of one hash, in KiB. */
  readonly memoryInKib: number;
  readonly passes: number;
  /** Hashes at work at once; default: the cores of the machine. */
  readonly concurrency?: number | undefined;
  /** Hashes that may wait for their turn; one more is refused. Default 50. */
  readonly maxWaiting?: number;
  /** Default: the clock of the machine. */
  readonly clock?: Clock;
  /** Called with the time of each hash and check, without waiting. Default: nothing. */
  readonly onHashed?: (tookMs: number) => void;
}

/** Returns one hash of each cost that accounts have. */
export type ReadPresentHashes = () => Promise<readonly string[]>;

const retryAfterMs = 1_000;
const saltBytes = 16;
const hashBytes = 32;
const noOthers: ReadPresentHashes = async () => [];

export type PasswordHasher = ReturnType<typeof createPasswordHasher>;

/**
 * Hashes passwords with argon2id (RFC 9106) off the main thread, so many at once and not more. Verifies the formats of
 * imported accounts as well.
 *
 * @example
 * const hasher = createPasswordHasher({ memoryInKib: 19_456, passes: 2 });
 * const isRight = await hasher.verify(await hasher.hash('a password'), 'a password');
 */
export function createPasswordHasher(options: PasswordHasherOptions) {
  const { memoryInKib, passes, concurrency = availableParallelism(), maxWaiting = 50 } = options;
  const { clock = createSystemClock(), onHashed = () => {} } = options;
  const limit = pLimit(concurrency);
  const parameters = { memoryCost: memoryInKib, timeCost: passes, parallelism: 1, outputLen: hashBytes };
  const dummyHash = readHash(createDummyHash(memoryInKib, passes))!;
  const times = createCheckTimes((sample) => queued(() => check(sample, 'no password')).then(({ workMs }) => workMs));

  function assertCapacity(): void {
    if (limit.pendingCount >= maxWaiting) throw fail('overloaded', { retryAfterMs, detail: 'password hashing' });
  }
  async function queued<T>(work: () => Promise<T>): Promise<T> {
    assertCapacity();
    return limit(() => timed(work));
  }
  async function timed<T>(work: () => Promise<T>): Promise<T> {
    const began = clock.monotonic();
    try {
      return await work();
    } finally {
      onHashed(clock.monotonic() - began);
    }
  }
  async function check(known: PasswordHash, password: string) {
    const began = clock.monotonic();
    const isRight = await known.verify(password);
    const workMs = clock.monotonic() - began;
    times.record(known, workMs);
    return { isRight, workMs };
  }

  /** Waits until a check has taken as long as the slowest that any account could have, so that its time reveals no account. */
  async function awaitSlowest(workMs: number, present: readonly string[]): Promise<void> {
    const others = present.map(readHash).filter((known) => known !== undefined);
    if (others.every(({ cost }) => cost === dummyHash.cost)) return;
    const restMs = (await times.slowestMs([dummyHash, ...others])) - workMs;
    if (restMs > 0) await delay(clock, restMs);
  }

  return Object.freeze({
    /** @throws overloaded when too many wait already; cheap, for asking before any other work */
    assertCapacity,
    /** Hashes and checks at work now, and those that wait for their turn. */
    counts: () => ({ running: limit.activeCount, waiting: limit.pendingCount }),
    /** A PHC string with its own salt. @throws overloaded */
    hash: (password: string) => queued(() => hash(password, parameters)),
    /**
     * Without a hash it does the same work and says no. A wrong password takes as long as the slowest of the hashes that
     * are present. @throws overloaded
     *
     * @param readPresent default: all hashes are of this hasher
     */
    async verify(stored: string | undefined, password: string, readPresent = noOthers) {
      const known = stored === undefined ? undefined : readHash(stored);
      const { isRight, workMs } = await queued(() => check(known ?? dummyHash, password));
      if (isRight && known !== undefined) return true;
      await awaitSlowest(workMs, await readPresent());
      return false;
    },
    /** True when the hash has another format or other parameters than today's. */
    isOutdated(stored: string) {
      return !stored.startsWith('$argon2id$v=19$') || !isSameCost(parseOptions(stored), parameters);
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
