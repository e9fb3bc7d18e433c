import { expect } from 'chai';
import { createPendingCall, type PendingCall } from '../../src/api/pending-call.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

describe('createPendingCall', () => {
  const made = { api: 'api', name: 'list', params: undefined, sid: 's1' };
  const onUnanswered = () => {};

  it('rejects within 30 s of waking when the deadline passed while the machine slept', async () => {
    const awake = createFakeTimers();
    let sleptMs = 0;
    // Timers do not run while the machine sleeps; the clock counts that time.
    const timers = { now: () => awake.now() + sleptMs, after: awake.after };
    const pending = new Set<PendingCall>();
    const held = createPendingCall({ timers, pending, onUnanswered }, made, { timeoutMs: 600_000 });
    const rejected = held.catch((error: unknown) => error);
    awake.advance(1_000);
    sleptMs = 3_600_000;
    awake.advance(30_000);
    expect(pending.size).to.equal(0);
    expect(await rejected).to.include({
      code: 'unavailable',
      message: 'The server did not answer before the deadline.',
    });
    expect(awake.pending).to.equal(0);
  });

  it('waits until the deadline when the machine does not sleep', () => {
    const timers = createFakeTimers();
    const pending = new Set<PendingCall>();
    createPendingCall({ timers, pending, onUnanswered }, made, { timeoutMs: 100_000 }).catch(() => {});
    timers.advance(99_999);
    expect(pending.size).to.equal(1);
    timers.advance(1);
    expect(pending.size).to.equal(0);
  });
});
