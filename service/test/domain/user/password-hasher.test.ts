import type { Failure } from '@latchkey/contract';
import { hash as bareHash } from '@node-rs/argon2';
import { expect } from 'chai';
import { createPasswordHasher } from '../../../src/domain/user/password-hasher.ts';

const cheap = { memoryInKib: 64, passes: 1 };

describe('createPasswordHasher', () => {
  it('makes a different argon2id hash of the given cost each time, which verifies the password only', async () => {
    const hasher = createPasswordHasher({ memoryInKib: 128, passes: 3 });
    const [one, two] = await Promise.all([hasher.hash('a password'), hasher.hash('a password')]);
    expect(one)
      .to.match(/^\$argon2id\$v=19\$m=128,t=3,p=1\$/)
      .and.not.equal(two);
    expect(await hasher.verify(one, 'a password')).to.equal(true);
    expect(await hasher.verify(one, 'a passwor')).to.equal(false);
  });

  it('returns false without a hash, after the same work', async () => {
    const hasher = createPasswordHasher({ memoryInKib: 4_096, passes: 2, concurrency: 1 });
    const stored = await hasher.hash('a password');
    const [wrong, unknown]: [number[], number[]] = [[], []];
    for (let i = 0; i < 15; i++) {
      wrong.push(await duration(() => hasher.verify(stored, 'wrong')));
      unknown.push(await duration(() => hasher.verify(undefined, 'wrong')));
    }
    expect(Math.min(...unknown) / Math.min(...wrong), `raw: ${wrong} / ${unknown}`).to.be.within(0.4, 2.5);
    expect(await hasher.verify(undefined, '')).to.equal(false);
  });

  it('reports a hash of other parameters as outdated', async () => {
    const hasher = createPasswordHasher(cheap);
    expect(hasher.isOutdated(await hasher.hash('x'))).to.equal(false);
    for (const other of [
      { memoryCost: 128 },
      { timeCost: 2 },
      { parallelism: 2 },
      { outputLen: 16 },
      { algorithm: 1 },
      { version: 0 },
    ]) {
      const options = { memoryCost: 64, timeCost: 1, parallelism: 1, outputLen: 32, ...other };
      expect(hasher.isOutdated(await bareHash('x', options)), JSON.stringify(other)).to.equal(true);
    }
  });

  it('rejects at once when the queue is full, and continues when it is not', async () => {
    const hasher = createPasswordHasher({ ...cheap, concurrency: 2, maxWaiting: 3 });
    const results = await Promise.allSettled(Array.from({ length: 9 }, () => hasher.hash('x')));
    const refused = results.filter((result) => result.status === 'rejected').map((result) => result.reason as Failure);
    expect(refused.length).to.be.within(4, 6);
    for (const failure of refused) expect(failure).to.deep.include({ code: 'overloaded', retryAfterMs: 1_000 });
    hasher.assertCapacity();
    expect(await hasher.hash('x')).to.be.a('string');
  });
});

async function duration(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
