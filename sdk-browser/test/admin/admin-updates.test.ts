import type { Ack, AdminSubscribed } from '@latchkey/contract';
import { expect } from 'chai';
import { subscribeAdminUpdates } from '../../src/admin/admin-updates.ts';
import { fail } from '../../src/platform/fail.ts';
import { createSubscriptionStage, refusal, settled } from '../harness/subscription-stage.ts';

/** Follows over a socket whose answers the test gives. */
async function follow({ answers = [] as Ack<AdminSubscribed>[], hear = (_line: string) => {} } = {}) {
  const stage = createSubscriptionStage<AdminSubscribed>(answers, { expires_in: 300 });
  const heard: string[] = [];
  let tokens = 0;
  let held: string | undefined;
  const token = {
    clear: () => {
      held = undefined;
    },
    getOrRenew: async () => {
      if (stage.authenticator.liveSessionId === undefined) throw fail('unavailable');
      held ??= `token ${++tokens}`;
      return held;
    },
  };
  const note = (line: string): void => {
    heard.push(line);
    hear(line);
  };
  const leave = subscribeAdminUpdates({ ...stage.deps, token } as never, {
    ready: () => note('begun'),
    update: ({ changes }) => note(`told ${changes.length}`),
    error: ({ code }) => note(`refused ${code}`),
  });
  await settled();
  const shown = () => stage.asked.map((payload) => (payload as { access_token: string }).access_token);
  return { ...stage, heard, leave, shown };
}

describe('subscribeAdminUpdates', () => {
  it('subscribes at once, and reports changes', async () => {
    const { heard, socket } = await follow();
    socket.emit('admin_update', { changes: [{}, {}], refetch: false });
    expect(heard).to.deep.equal(['begun', 'told 2']);
  });

  it('continues when an observer throws, and reports the error', async () => {
    const reported: unknown[] = [];
    Object.assign(globalThis, { reportError: (error: Error) => reported.push(error.message) });
    try {
      const { heard, socket, advance, shown } = await follow({
        hear: (line) => {
          throw new Error(line);
        },
      });
      socket.emit('admin_update', { changes: [{}], refetch: false });
      await advance(240_000);
      expect([heard, reported]).to.deep.equal([
        ['begun', 'told 1'],
        ['begun', 'told 1'],
      ]);
      expect(shown()).to.have.length(2);
    } finally {
      Reflect.deleteProperty(globalThis, 'reportError');
    }
  });

  it('renews the subscription with the next token before the first expires, without a gap', async () => {
    const { heard, shown, advance } = await follow();
    await advance(240_000);
    expect(shown()).to.deep.equal(['token 1', 'token 2']);
    expect(heard).to.deep.equal(['begun']);
  });

  it('subscribes again on another connection, not after a rotation on the same one', async () => {
    const { heard, authenticate } = await follow();
    await authenticate('one');
    expect(heard).to.deep.equal(['begun']);
    await authenticate('two');
    expect(heard).to.deep.equal(['begun', 'begun']);
  });

  it('retries after a transient error, and with a new token after an expired one', async () => {
    const { heard, shown, advance } = await follow({ answers: [refusal('rate_limited'), refusal('unauthenticated')] });
    expect(heard).to.deep.equal([]);
    await advance(10_000);
    await advance(10_000);
    expect(shown()).to.deep.equal(['token 1', 'token 1', 'token 2']);
    expect(heard).to.deep.equal(['begun']);
  });

  it('ends after a permanent refusal, at first or later', async () => {
    const first = await follow({ answers: [refusal('forbidden')] });
    expect(first.heard).to.deep.equal(['refused forbidden']);
    const later = await follow();
    later.socket.emit('admin_unsubscribed', refusal('forbidden').error);
    await later.authenticate('two');
    expect(later.heard).to.deep.equal(['begun', 'refused forbidden']);
    expect(later.timers.pending).to.equal(0);
  });

  it('reports nothing and has no timers after unsubscribe', async () => {
    const { heard, socket, timers, leave, authenticate } = await follow();
    leave();
    socket.emit('admin_update', { changes: [{}], refetch: false });
    await authenticate('two');
    expect([heard, timers.pending, socket.listenerCount('admin_update')]).to.deep.equal([['begun'], 0, 0]);
  });
});
