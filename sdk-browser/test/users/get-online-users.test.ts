import type { Ack, UsersSubscribed } from '@latchkey/contract';
import { expect } from 'chai';
import { createSession, type Session } from '../../src/index.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { getOnlineUsers } from '../../src/users/index.ts';
import { subscribeOnlineUsers } from '../../src/users/online-users.ts';
import { createSubscriptionStage, refusal, settled } from '../harness/subscription-stage.ts';

const page = (ids: string, next_cursor: string | null = null): Ack<UsersSubscribed> => ({
  ok: true,
  data: { users: [...ids].map((user_id) => ({ user_id })), next_cursor },
});

/** Follows over a socket whose answers the test gives; `shown` has the ids of each list, or the code of the failure. */
async function follow(answers: Ack<UsersSubscribed>[]) {
  const stage = createSubscriptionStage<UsersSubscribed>(answers, { users: [], next_cursor: null });
  const shown: string[] = [];
  const leave = subscribeOnlineUsers(stage.deps, ({ users, failure }) => {
    shown.push(failure?.code ?? users.map(({ user_id }) => user_id).join(''));
  });
  await settled();
  return { ...stage, shown, leave };
}

describe('subscribeOnlineUsers', () => {
  it('publishes the list after its last page, and each later change', async () => {
    const { shown, asked, socket } = await follow([page('ab', '2'), page('c')]);
    socket.emit('users_changed', { online: [{ user_id: 'd' }, { user_id: 'a', name: 'Ada' }], offline: ['b'] });
    expect(shown).to.deep.equal(['abc', 'acd']);
    expect(asked).to.deep.equal([{}, { cursor: '2' }]);
  });

  it('reads the first page again on another connection, not after a rotation on the same one', async () => {
    const { shown, authenticate } = await follow([page('ab'), page('a')]);
    await authenticate('one');
    expect(shown).to.deep.equal(['ab']);
    await authenticate('two');
    expect(shown).to.deep.equal(['ab', 'a']);
  });

  it('reads from the first page again after a transient error of a page', async () => {
    const { shown, asked, advance } = await follow([page('ab', '2'), refusal('rate_limited'), page('ac')]);
    expect(shown).to.deep.equal([]);
    await advance(10_000);
    expect([shown, asked]).to.deep.equal([['ac'], [{}, { cursor: '2' }, {}]]);
  });

  it('is empty without permission, and subscribes again at the next authenticated of the connection', async () => {
    const { shown, authenticate, socket, timers } = await follow([refusal('forbidden'), page('a'), page('ab')]);
    expect([shown, timers.pending]).to.deep.equal([['forbidden'], 0]);
    await authenticate('one');
    socket.emit('users_unsubscribed', refusal('forbidden').error);
    expect(shown).to.deep.equal(['forbidden', 'a', 'forbidden']);
    await authenticate('one');
    expect(shown.at(-1)).to.equal('ab');
  });

  it('is empty after the end of the session, and before the list of another one', async () => {
    const { shown, authenticate, happen, authenticator } = await follow([page('a'), page('b'), page('c')]);
    authenticator.liveSessionId = 'other';
    await authenticate('two');
    expect(shown).to.deep.equal(['a', '', 'b']);
    happen('signed_out');
    expect(shown.at(-1)).to.equal('');
  });

  it('publishes nothing after unsubscribe, and unsubscribes at the server', async () => {
    const { shown, socket, sent, leave, timers } = await follow([page('a')]);
    leave();
    socket.emit('users_changed', { online: [{ user_id: 'b' }], offline: [] });
    expect([shown, timers.pending, socket.listenerCount('users_changed')]).to.deep.equal([['a'], 0, 0]);
    expect(sent.at(-1)).to.equal('users_unsubscribe');
  });
});

describe('getOnlineUsers', () => {
  let session: Session;

  beforeEach(() => {
    session = createSession({ url: 'http://127.0.0.1:9', storage: createMemoryStorage() });
  });
  afterEach(() => session.close());

  it('returns the same object each time, with an empty list before the first answer', () => {
    expect(getOnlineUsers(session)).to.equal(getOnlineUsers(session));
    const leave = getOnlineUsers(session).subscribe(() => {});
    expect(getOnlineUsers(session).list()).to.deep.equal([]);
    leave();
  });

  it('throws for a listener that is no function, and for an object that createSession did not create', () => {
    expect(() => getOnlineUsers(session).subscribe(undefined as never)).to.throw(
      TypeError,
      'subscribe needs a listener',
    );
    expect(() => getOnlineUsers({} as never)).to.throw(TypeError, 'not a session of createSession');
  });
});
