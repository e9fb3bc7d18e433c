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

  it('verifies hashes of other formats, which are outdated', async () => {
    const hasher = createPasswordHasher(cheap);
    const bcrypt = '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
    expect(await hasher.verify(bcrypt, 'U*U')).to.equal(true);
    expect(await hasher.verify(bcrypt, 'U*V')).to.equal(false);
    expect(hasher.isOutdated(bcrypt)).to.equal(true);
    expect(await hasher.verify('no hash', 'U*U')).to.equal(false);
  });

  it('lets each wrong password take as long as the slowest hash that is present', async () => {
    const hasher = createPasswordHasher({ ...cheap, concurrency: 1 });
    const slow = `$pbkdf2-sha512$i=40000,l=64$c29tZXNhbHRzb21lc2FsdA$${'A'.repeat(86)}`;
    const fast = '$digest-md5$s=before$c2FsdA$P4bQ09RltLRYwjG/NVXA4w';
    const ours = await hasher.hash('a password');
    const present = async () => [slow, fast, ours];
    const times: Record<string, number[]> = { slow: [], fast: [], ours: [], none: [] };
    for (let i = 0; i < 6; i++)
      for (const [name, hash] of Object.entries({ slow, fast, ours, none: undefined }))
        times[name]!.push(await duration(() => hasher.verify(hash, 'wrong', present)));
    const least = (name: string) => Math.min(...times[name]!);
    const shown = JSON.stringify(times);
    for (const name of ['fast', 'ours', 'none']) expect(least(name) / least('slow'), shown).to.be.within(0.4, 2.5);
    const right = await Promise.all(
      Array.from({ length: 3 }, () => duration(() => hasher.verify(ours, 'a password', present))),
    );
    expect(Math.min(...right), shown).to.be.below(least('slow') * 0.4);
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
