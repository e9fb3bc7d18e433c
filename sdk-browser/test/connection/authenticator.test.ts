import { EventEmitter } from 'node:events';
import { type ErrorCode, errors } from '@latchkey/contract';
import { expect } from 'chai';
import { createAuthenticator } from '../../src/connection/authenticator.ts';
import type { SocketConnection } from '../../src/connection/connection.ts';
import { createDatabaseClockEstimate } from '../../src/platform/database-clock.ts';
import { createCodeExchange } from '../../src/tokens/code-exchange.ts';
import { createMemoryStorage, createStorageAdapter } from '../../src/tokens/storage-adapter.ts';
import { decodeToken, type StoredToken } from '../../src/tokens/token.ts';
import { createTokenStore } from '../../src/tokens/token-store.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';
import { tokenOf } from '../harness/verdicts.ts';

function held(sid: string, gen: number): StoredToken {
  return decodeToken(tokenOf({ sid, gen, tag: 'A' })) as StoredToken;
}

function answer(token: StoredToken) {
  return { token: token.token, access_token: 'a', user: { id: 'u', tenant_id: 't' }, session: { id: token.sid } };
}

const whole = answer(held('s', 2));
/** Invalid answers in place of `authenticated`. */
const unreadable: unknown[] = [
  undefined,
  null,
  7,
  'ok',
  [],
  {},
  ...[undefined, null, 7, 'x', 'a.b.c', {}].map((token) => ({ ...whole, token })),
  ...[undefined, null, 7, {}].map((access_token) => ({ ...whole, access_token })),
  ...[undefined, null, 'u'].map((user) => ({ ...whole, user })),
];

function setUp() {
  const timers = createFakeTimers();
  const tokenStore = createTokenStore(createStorageAdapter(createMemoryStorage(), 'p:'));
  tokenStore.store(held('s', 1), { fresh: true });
  const server = new EventEmitter();
  const sent: { token?: string; code?: string; rotation_key: string; asked_at?: number; at: number }[] = [];
  const calls: string[] = [];
  const socket = Object.assign(server, {});
  const outgoing = {
    emit: (_name: string, payload: { rotation_key: string }) => sent.push({ ...payload, at: timers.now() }),
  };
  const connection = {
    socket,
    isConnected: true,
    resetBackoff: () => calls.push('resetBackoff'),
    delayReconnect: (ms: number) => calls.push(`delayReconnect ${ms}`),
    reconnect: () => calls.push('reconnect'),
    markLost: () => calls.push('markLost'),
    send(emit: (to: unknown) => void) {
      if (connection.isConnected) emit(outgoing);
      return connection.isConnected;
    },
  };
  const codeExchange = createCodeExchange({
    timers,
    closed: new AbortController().signal,
    onGiveUp: () => calls.push('give up'),
  });
  const authenticator = createAuthenticator({
    connection: connection as unknown as SocketConnection,
    tokenStore,
    codeExchange,
    timers,
    databaseClock: createDatabaseClockEstimate(timers),
    random: () => 0,
    handlers: {
      authenticated: (_answer, { gen }) => calls.push(`authenticated ${gen}`),
      ended: (_sid, reason) => calls.push(`ended ${reason}`),
      error: (reason) => calls.push(`error ${reason}`),
      codeRejected: ({ code }) => calls.push(`code refused ${code}`),
      unauthorized: () => {},
    },
  });
  const refuse = (code: ErrorCode, retry_after_ms?: number, now?: number) =>
    server.emit('unauthorized', { code, message: errors[code].message, retry_after_ms, now });
  let acks = 0;
  const accept = (token: StoredToken) =>
    server.emit('authenticated', answer(token), () => {
      acks += 1;
    });
  return {
    timers,
    tokenStore,
    server,
    sent,
    calls,
    connection,
    codeExchange,
    authenticator,
    refuse,
    accept,
    acks: () => acks,
  };
}

describe('createAuthenticator', () => {
  it('ignores an answer that is read too late after a freeze, and presents the same token again', () => {
    const { authenticator, accept, timers, calls, tokenStore } = setUp();
    authenticator.present();
    timers.sleep(10_001);
    accept(held('s', 2));
    expect([calls, tokenStore.read()?.gen]).to.deep.equal([['markLost'], 1]);
  });
  it('repeats a late request at once with the same key, and sends asked_at once an answer has had the time', () => {
    const { authenticator, sent, refuse, timers } = setUp();
    authenticator.present();
    expect(sent[0]).not.to.have.property('asked_at');
    timers.advance(200);
    refuse('busy', 0, 1_800_000_000_000);
    timers.advance(0);
    refuse('busy', 250);
    timers.advance(400);
    expect(sent.map(({ at, asked_at }) => [at, asked_at])).to.deep.equal([
      [0, undefined],
      [200, 1_800_000_000_000],
      [500, 1_800_000_000_300],
    ]);
    expect(new Set(sent.map(({ rotation_key }) => rotation_key)).size).to.equal(1);
  });
  it('acknowledges ten seconds after the token was stored, and not before', () => {
    const { authenticator, accept, timers, acks, tokenStore } = setUp();
    authenticator.present();
    accept(held('s', 2));
    expect(tokenStore.read()?.gen).to.equal(2);
    timers.advance(9_999);
    expect(acks()).to.equal(0);
    timers.advance(1);
    expect(acks()).to.equal(1);
  });
  it('does not acknowledge a token that is no longer stored, or on another connection', () => {
    const lost = setUp();
    lost.authenticator.present();
    lost.accept(held('s', 2));
    lost.tokenStore.erase('s', 'logout');
    lost.timers.advance(20_000);
    const dropped = setUp();
    dropped.authenticator.present();
    dropped.accept(held('s', 2));
    dropped.authenticator.disconnected();
    dropped.timers.advance(20_000);
    expect([lost.acks(), dropped.acks()]).to.deep.equal([0, 0]);
  });
  it('presents one credential at a time', () => {
    const { authenticator, sent } = setUp();
    authenticator.present();
    authenticator.present();
    expect(sent).to.have.length(1);
  });
  it('reads the token every 0.3 s while contended for twelve seconds, then with back-off', () => {
    const { authenticator, sent, refuse, timers, calls } = setUp();
    authenticator.present();
    while (!calls.some((line) => line.startsWith('delayReconnect'))) {
      refuse('rotation_contended');
      timers.advance(300);
    }
    expect(timers.now()).to.be.within(12_000, 12_900);
    expect(new Set(sent.map(({ rotation_key }) => rotation_key)).size).to.equal(1);
    expect(sent.slice(1, 5).map(({ at }) => at)).to.deep.equal([300, 600, 900, 1_200]);
  });
  it('presents a newer token at once when another tab has stored one', () => {
    const { authenticator, sent, refuse, tokenStore } = setUp();
    authenticator.present();
    tokenStore.store(held('s', 2), { fresh: false });
    refuse('rotation_superseded');
    expect(sent.map(({ token }) => token)).to.deep.equal([held('s', 1).token, held('s', 2).token]);
  });
  it('waits for the requested time before a retry', () => {
    const { authenticator, sent, refuse, timers, calls } = setUp();
    authenticator.present();
    refuse('overloaded', 5_000);
    timers.advance(4_999);
    expect(sent).to.have.length(1);
    timers.advance(1);
    expect(sent).to.have.length(2);
    expect(calls).to.deep.equal(['delayReconnect 5000']);
  });
  it('is in error after an invalid answer, and keeps the token', () => {
    for (const garbage of unreadable) {
      const { authenticator, server, calls, tokenStore } = setUp();
      authenticator.present();
      server.emit('authenticated', garbage, () => {});
      expect([calls, tokenStore.read()?.gen, authenticator.isPresenting]).to.deep.equal([
        ['error internal_error'],
        1,
        false,
      ]);
    }
  });
  it('rejects a code whose answer cannot be read', () => {
    for (const garbage of unreadable) {
      const { authenticator, server, calls, codeExchange } = setUp();
      void codeExchange.begin({ code: 'c', code_verifier: 'v', rotation_key: 'k' }, 30_000).catch(() => {});
      authenticator.present();
      server.emit('authenticated', garbage, () => {});
      expect(calls).to.deep.equal(['code refused internal_error']);
    }
  });
  describe('with a code', () => {
    function withCode() {
      const stage = setUp();
      void stage.codeExchange.begin({ code: 'c', code_verifier: 'v', rotation_key: 'k' }, 30_000).catch(() => {});
      stage.authenticator.present();
      return stage;
    }
    it('rejects an expired code with the cause of the retries', () => {
      const { refuse, timers, calls } = withCode();
      refuse('unavailable', 1_000);
      timers.advance(1_000);
      refuse('code_expired');
      expect(calls).to.deep.equal(['delayReconnect 1000', 'code refused unavailable']);
    });
    it('rejects at once after an internal_error that took a second', () => {
      const { refuse, timers, calls } = withCode();
      timers.advance(1_000);
      refuse('internal_error');
      expect(calls).to.deep.equal(['code refused internal_error']);
    });
  });
  it('retries an unknown code when a newer service marks it retryable', () => {
    const outcomesFor = (retryable: boolean) => {
      const { authenticator, server, calls } = setUp();
      authenticator.present();
      server.emit('unauthorized', { code: 'of_a_newer_service', message: 'New.', retryable });
      return calls;
    };
    expect(outcomesFor(true)).to.deep.equal(['delayReconnect 0']);
    expect(outcomesFor(false)).to.deep.equal(['error of_a_newer_service']);
  });
  it('retries with back-off after a refusal that cannot be read', () => {
    for (const garbage of [undefined, null, 7, {}, { code: 7 }, { code: 'unavailable', retry_after_ms: 'soon' }]) {
      const { authenticator, server, calls, sent, timers } = setUp();
      authenticator.present();
      server.emit('unauthorized', garbage);
      expect(calls).to.deep.equal(['delayReconnect 0']);
      timers.advance(0);
      expect(sent).to.have.length(2);
    }
  });
  it('treats a connection that does not answer as lost', () => {
    const { authenticator, timers, calls } = setUp();
    authenticator.present();
    timers.advance(10_000);
    expect(calls).to.deep.equal(['markLost']);
  });
  it('opens a new connection when another session than the live one is stored', () => {
    const { authenticator, accept, tokenStore, calls, sent } = setUp();
    authenticator.present();
    accept(held('s', 2));
    tokenStore.store(held('x', 1), { fresh: true });
    authenticator.present();
    expect(calls.at(-1)).to.equal('reconnect');
    expect(sent).to.have.length(1);
  });
  it('does not replace the session of another tab by a late answer, nor restore an erased one', () => {
    const other = setUp();
    other.authenticator.present();
    other.tokenStore.store(held('x', 1), { fresh: true });
    other.accept(held('s', 2));
    expect([other.tokenStore.read()?.sid, other.calls]).to.deep.equal(['x', ['reconnect']]);
    const erased = setUp();
    erased.authenticator.present();
    erased.tokenStore.erase('s', 'password_changed');
    erased.accept(held('s', 2));
    expect([erased.tokenStore.read(), erased.calls]).to.deep.equal([undefined, ['ended password_changed']]);
  });
  it('erases nothing at a logged_out of a session that is not stored', () => {
    const { authenticator, accept, tokenStore, calls, server } = setUp();
    authenticator.present();
    accept(held('s', 2));
    tokenStore.store(held('x', 1), { fresh: true });
    server.emit('logged_out', { reason: 'logout' });
    expect([tokenStore.read()?.sid, calls.at(-1)]).to.deep.equal(['x', 'reconnect']);
  });
  it('ignores a refusal without a presented credential', () => {
    const { refuse, calls, tokenStore } = setUp();
    refuse('token_reused');
    refuse('auth_timeout');
    expect([calls, tokenStore.read()?.gen]).to.deep.equal([[], 1]);
  });
  it('rejects a code after its timeout, and keeps it in memory only', async () => {
    const { authenticator, codeExchange, timers, sent, calls, tokenStore } = setUp();
    const done = codeExchange
      .begin({ code: 'c', code_verifier: 'v', rotation_key: 'k' }, 60_000)
      .catch((why: Error) => why);
    authenticator.present();
    expect(sent[0]).to.include({ code: 'c', code_verifier: 'v', rotation_key: 'k' });
    timers.advance(60_000);
    expect(await done).to.include({ code: 'unavailable' });
    expect(codeExchange.pending).to.equal(undefined);
    expect(calls).to.include('give up');
    expect(tokenStore.read()?.sid).to.equal('s');
  });
});
