import { expect } from 'chai';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { createRevocationCache } from '../../src/client/revocation-cache.ts';

describe('the revocation cache of a backend', () => {
  const entry = { seq: 1, sid: 's', reason: 'logout' as const, keep_in: 10 };

  it('keeps an entry until its retention ends on the clock that verifies tokens', () => {
    const clock = createFakeClock();
    let behindMs = 0;
    const now = () => clock.now() - behindMs;
    const mirror = createRevocationCache({ clock, now });
    mirror.add({ ...entry, until: now() + 100_000 });
    clock.advance(50_000);
    // The clock of the service was set back, and its tokens with it.
    behindMs = 30_000;
    clock.advance(75_000);
    expect(mirror.endedReason('s')).to.equal('logout');
    clock.advance(7_000);
    expect(mirror.endedReason('s')).to.equal(undefined);
    mirror.close();
  });

  it('keeps an entry of an older service for the seconds that it names', () => {
    const clock = createFakeClock();
    const mirror = createRevocationCache({ clock, now: () => 0 });
    mirror.add(entry);
    clock.advance(9_000);
    expect(mirror.endedReason('s')).to.equal('logout');
    clock.advance(3_000);
    expect(mirror.endedReason('s')).to.equal(undefined);
    mirror.close();
  });
});
