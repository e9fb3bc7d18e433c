import { hash, verify } from '@node-rs/argon2';
import { answer } from '../../bench/answer.ts';

interface Work {
  readonly memoryInKib: number;
  readonly passes: number;
  readonly hands: number;
  readonly ms: number;
}

export type BareHasherCalls = {
  /** Checks one password with so many hands for so long; returns checks a second. */
  verify(work: Work): Promise<number>;
};

const calls: BareHasherCalls = {
  async verify({ memoryInKib, passes, hands, ms }) {
    const password = 'correct horse battery staple';
    const stored = await hash(password, { memoryCost: memoryInKib, timeCost: passes, parallelism: 1 });
    const from = performance.now();
    let checks = 0;
    const hand = async () => {
      for (; performance.now() - from < ms; checks++) await verify(stored, password);
    };
    await Promise.all(Array.from({ length: hands }, hand));
    return checks / ((performance.now() - from) / 1_000);
  },
};

/** argon2id and nothing else, in a process of its own. */
answer(calls);
