import type { Ack, AdminSubscribed } from '@latchkey/contract';
import { expect } from 'chai';
import { subscribeAdminUpdates } from '../../src/admin/admin-updates.ts';
import { fail } from '../../src/platform/fail.ts';
import { createSubscriptionStage, refusal, settled } from '../harness/subscription-stage.ts';

/** Follows over a socket whose answers the test gives. */
async function follow({ answers = [] as Ack<AdminSubscribed>[], onLine = (_line: string) => {} } = {}) {
  const stage = createSubscriptionStage<AdminSubscribed>(answers, { expires_in: 300 });
  const received: string[] = [];
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
    received.push(line);
    onLine(line);
  };
  const leave = subscribeAdminUpdates({ ...stage.deps, token } as never, {
    ready: () => note('ready'),
    update: ({ changes }) => note(`update ${changes.length}`),
    error: ({ code }) => note(`error ${code}`),
  });
  await settled();
  const shown = () => stage.asked.map((payload) => (payload as { access_token: string }).access_token);
  return { ...stage, received, leave, shown };
}

describe('subscribeAdminUpdates', () => {
  it('subscribes at once, and reports changes', async () => {
    const { received, socket } = await follow();
    socket.emit('admin_update', { changes: [{}, {}], refetch: false });
    expect(received).to.deep.equal(['ready', 'update 2']);
  });

  it('continues when an observer throws, and reports the error', async () => {
    const reported: unknown[] = [];
    Object.assign(globalThis, { reportError: (error: Error) => reported.push(error.message) });
    try {
      const { received, socket, advance, shown } = await follow({
        onLine: (line) => {
          throw new Error(line);
        },
      });
      socket.emit('admin_update', { changes: [{}], refetch: false });
      await advance(240_000);
      expect([received, reported]).to.deep.equal([
        ['ready', 'update 1'],
        ['ready', 'update 1'],
      ]);
      expect(shown()).to.have.length(2);
    } finally {
      Reflect.deleteProperty(globalThis, 'reportError');
    }
  });

  it('renews the subscription with the next token before the first expires, without a gap', async () => {
    const { received, shown, advance } = await follow();
    await advance(240_000);
    expect(shown()).to.deep.equal(['token 1', 'token 2']);
    expect(received).to.deep.equal(['ready']);
  });

  it('subscribes again on another connection, not after a rotation on the same one', async () => {
    const { received, authenticate } = await follow();
    await authenticate('one');
    expect(received).to.deep.equal(['ready']);
    await authenticate('two');
    expect(received).to.deep.equal(['ready', 'ready']);
  });

  it('retries after a transient error, and with a new token after an expired one', async () => {
    const { received, shown, advance } = await follow({
      answers: [refusal('rate_limited'), refusal('unauthenticated')],
    });
    expect(received).to.deep.equal([]);
    await advance(10_000);
    await advance(10_000);
    expect(shown()).to.deep.equal(['token 1', 'token 1', 'token 2']);
    expect(received).to.deep.equal(['ready']);
  });

  it('ends after a permanent refusal, at first or later', async () => {
    const first = await follow({ answers: [refusal('forbidden')] });
    expect(first.received).to.deep.equal(['error forbidden']);
    const later = await follow();
    later.socket.emit('admin_unsubscribed', refusal('forbidden').error);
    await later.authenticate('two');
    expect(later.received).to.deep.equal(['ready', 'error forbidden']);
    expect(later.timers.pending).to.equal(0);
  });

  it('reports nothing and has no timers after unsubscribe', async () => {
    const { received, socket, timers, leave, authenticate } = await follow();
    leave();
    socket.emit('admin_update', { changes: [{}], refetch: false });
    await authenticate('two');
    expect([received, timers.pending, socket.listenerCount('admin_update')]).to.deep.equal([['ready'], 0, 0]);
  });
});
