import type { AccessClaims } from '@latchkey/contract';
import { createAccessTokenReader } from '@latchkey/core';
import { createVerificationClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import fc from 'fast-check';
import { retentionSeconds } from '../../../src/domain/revocation/revocation.ts';
import { createNodeRevocationCache } from '../../../src/domain/revocation/revocation-cache.ts';
import { notCalled } from '../../not-called.ts';

const start = 1_700_000_000_000;

describe('the revocation cache', () => {
  const entry = { sid: 's', seq: 1, reason: 'logout' as const, untilMs: start + 1_000 };

  it('keeps an entry until its retention ends, also when it arrives long after it was written', () => {
    let now = start;
    const mirror = createNodeRevocationCache({ now: () => now });
    now = start + 999;
    mirror.put(entry);
    mirror.evictExpired();
    expect(mirror.reason('s')).to.equal('logout');
    expect(mirror.all()).to.deep.equal([entry]);
    now = start + 1_000;
    mirror.evictExpired();
    expect(mirror.reason('s')).to.equal(undefined);
  });

  it('keeps an entry while a token of its session is accepted, however wrong the estimate of the time is', () => {
    const seconds = fc.oneof(
      fc.integer({ min: -7_200, max: 7_200 }),
      // Around the longest life of a token, where an entry that is forgotten too early shows.
      fc.integer({ min: 900, max: 1_010 }),
      fc.integer({ min: -30, max: 30 }),
    );
    const jump = seconds.map((by) => by * 1_000);
    const life = fc.oneof(fc.integer({ min: 10, max: 945 }), fc.integer({ min: 940, max: 945 }));
    fc.assert(
      fc.property(fc.array(jump, { minLength: 1, maxLength: 30 }), life, (jumps, lifeSeconds) => {
        let estimate = start;
        const { now } = createVerificationClock(() => estimate);
        const mirror = createNodeRevocationCache({ now });
        const reader = createAccessTokenReader({
          keys: { find: notCalled },
          names: () => ({ issuer: '', audience: '' }),
          now,
        });
        // The session is proved, and ends at once: its last token and its entry count from the same moment.
        const claims = { iss: '', aud: '', exp: start / 1_000 + lifeSeconds } as AccessClaims;
        mirror.put({ ...entry, untilMs: start + retentionSeconds * 1_000 });
        for (const by of jumps) {
          estimate += by;
          mirror.evictExpired();
          if (mirror.reason('s') === undefined) expect(() => reader.recheck(claims)).to.throw();
        }
      }),
    );
  });

  it('keeps ended sessions for 1,007 s, whatever lifetime of access tokens is configured', () => {
    expect(retentionSeconds).to.equal(1_007);
  });
});
