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
  const news: string[] = [];
  const socket = Object.assign(server, {});
  const outgoing = {
    emit: (_name: string, payload: { rotation_key: string }) => sent.push({ ...payload, at: timers.now() }),
  };
  const connection = {
    socket,
    isConnected: true,
    resetBackoff: () => news.push('settle'),
    delayReconnect: (ms: number) => news.push(`hold off ${ms}`),
    reconnect: () => news.push('bounce'),
    markLost: () => news.push('cut'),
    send(emit: (to: unknown) => void) {
      if (connection.isConnected) emit(outgoing);
      return connection.isConnected;
    },
  };
  const codeExchange = createCodeExchange({
    timers,
    closed: new AbortController().signal,
    onGiveUp: () => news.push('give up'),
  });
  const authenticator = createAuthenticator({
    connection: connection as unknown as SocketConnection,
    tokenStore,
    codeExchange,
    timers,
    databaseClock: createDatabaseClockEstimate(timers),
    random: () => 0,
    handlers: {
      authenticated: (_answer, { gen }) => news.push(`authenticated ${gen}`),
      ended: (_sid, reason) => news.push(`ended ${reason}`),
      error: (reason) => news.push(`error ${reason}`),
      codeRejected: ({ code }) => news.push(`code refused ${code}`),
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
    jar: tokenStore,
    server,
    sent,
    news,
    connection,
    redemption: codeExchange,
    authenticator,
    refuse,
    accept,
    acks: () => acks,
  };
}

describe('createAuthenticator', () => {
  it('ignores an answer that is read too late after a freeze, and presents the same token again', () => {
    const { authenticator, accept, timers, news, jar } = setUp();
    authenticator.present();
    timers.sleep(10_001);
    accept(held('s', 2));
    expect([news, jar.read()?.gen]).to.deep.equal([['cut'], 1]);
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
    const { authenticator, accept, timers, acks, jar } = setUp();
    authenticator.present();
    accept(held('s', 2));
    expect(jar.read()?.gen).to.equal(2);
    timers.advance(9_999);
    expect(acks()).to.equal(0);
    timers.advance(1);
    expect(acks()).to.equal(1);
  });
  it('does not acknowledge a token that is no longer stored, or on another connection', () => {
    const lost = setUp();
    lost.authenticator.present();
    lost.accept(held('s', 2));
    lost.jar.erase('s', 'logout');
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
    const { authenticator, sent, refuse, timers, news } = setUp();
    authenticator.present();
    while (!news.some((line) => line.startsWith('hold off'))) {
      refuse('rotation_contended');
      timers.advance(300);
    }
    expect(timers.now()).to.be.within(12_000, 12_900);
    expect(new Set(sent.map(({ rotation_key }) => rotation_key)).size).to.equal(1);
    expect(sent.slice(1, 5).map(({ at }) => at)).to.deep.equal([300, 600, 900, 1_200]);
  });
  it('presents a newer token at once when another tab has stored one', () => {
    const { authenticator, sent, refuse, jar } = setUp();
    authenticator.present();
    jar.store(held('s', 2), { fresh: false });
    refuse('rotation_superseded');
    expect(sent.map(({ token }) => token)).to.deep.equal([held('s', 1).token, held('s', 2).token]);
  });
  it('waits for the requested time before a retry', () => {
    const { authenticator, sent, refuse, timers, news } = setUp();
    authenticator.present();
    refuse('overloaded', 5_000);
    timers.advance(4_999);
    expect(sent).to.have.length(1);
    timers.advance(1);
    expect(sent).to.have.length(2);
    expect(news).to.deep.equal(['hold off 5000']);
  });
  it('is in error after an invalid answer, and keeps the token', () => {
    for (const garbage of unreadable) {
      const { authenticator, server, news, jar } = setUp();
      authenticator.present();
      server.emit('authenticated', garbage, () => {});
      expect([news, jar.read()?.gen, authenticator.isPresenting]).to.deep.equal([['error internal_error'], 1, false]);
    }
  });
  it('rejects a code whose answer cannot be read', () => {
    for (const garbage of unreadable) {
      const { authenticator, server, news, redemption } = setUp();
      void redemption.begin({ code: 'c', code_verifier: 'v', rotation_key: 'k' }, 30_000).catch(() => {});
      authenticator.present();
      server.emit('authenticated', garbage, () => {});
      expect(news).to.deep.equal(['code refused internal_error']);
    }
  });
  describe('with a code', () => {
    function withCode() {
      const stage = setUp();
      void stage.redemption.begin({ code: 'c', code_verifier: 'v', rotation_key: 'k' }, 30_000).catch(() => {});
      stage.authenticator.present();
      return stage;
    }
    it('rejects an expired code with the cause of the retries', () => {
      const { refuse, timers, news } = withCode();
      refuse('unavailable', 1_000);
      timers.advance(1_000);
      refuse('code_expired');
      expect(news).to.deep.equal(['hold off 1000', 'code refused unavailable']);
    });
    it('rejects at once after an internal_error that took a second', () => {
      const { refuse, timers, news } = withCode();
      timers.advance(1_000);
      refuse('internal_error');
      expect(news).to.deep.equal(['code refused internal_error']);
    });
  });
  it('retries an unknown code when a newer service marks it retryable', () => {
    const said = (retryable: boolean) => {
      const { authenticator, server, news } = setUp();
      authenticator.present();
      server.emit('unauthorized', { code: 'of_a_newer_service', message: 'New.', retryable });
      return news;
    };
    expect(said(true)).to.deep.equal(['hold off 0']);
    expect(said(false)).to.deep.equal(['error of_a_newer_service']);
  });
  it('retries with back-off after a refusal that cannot be read', () => {
    for (const garbage of [undefined, null, 7, {}, { code: 7 }, { code: 'unavailable', retry_after_ms: 'soon' }]) {
      const { authenticator, server, news, sent, timers } = setUp();
      authenticator.present();
      server.emit('unauthorized', garbage);
      expect(news).to.deep.equal(['hold off 0']);
      timers.advance(0);
      expect(sent).to.have.length(2);
    }
  });
  it('treats a connection that does not answer as lost', () => {
    const { authenticator, timers, news } = setUp();
    authenticator.present();
    timers.advance(10_000);
    expect(news).to.deep.equal(['cut']);
  });
  it('opens a new connection when another session than the live one is stored', () => {
    const { authenticator, accept, jar, news, sent } = setUp();
    authenticator.present();
    accept(held('s', 2));
    jar.store(held('x', 1), { fresh: true });
    authenticator.present();
    expect(news.at(-1)).to.equal('bounce');
    expect(sent).to.have.length(1);
  });
  it('does not replace the session of another tab by a late answer, nor restore an erased one', () => {
    const other = setUp();
    other.authenticator.present();
    other.jar.store(held('x', 1), { fresh: true });
    other.accept(held('s', 2));
    expect([other.jar.read()?.sid, other.news]).to.deep.equal(['x', ['bounce']]);
    const erased = setUp();
    erased.authenticator.present();
    erased.jar.erase('s', 'password_changed');
    erased.accept(held('s', 2));
    expect([erased.jar.read(), erased.news]).to.deep.equal([undefined, ['ended password_changed']]);
  });
  it('erases nothing at a logged_out of a session that is not stored', () => {
    const { authenticator, accept, jar, news, server } = setUp();
    authenticator.present();
    accept(held('s', 2));
    jar.store(held('x', 1), { fresh: true });
    server.emit('logged_out', { reason: 'logout' });
    expect([jar.read()?.sid, news.at(-1)]).to.deep.equal(['x', 'bounce']);
  });
  it('ignores a refusal without a presented credential', () => {
    const { refuse, news, jar } = setUp();
    refuse('token_reused');
    refuse('auth_timeout');
    expect([news, jar.read()?.gen]).to.deep.equal([[], 1]);
  });
  it('rejects a code after its timeout, and keeps it in memory only', async () => {
    const { authenticator, redemption, timers, sent, news, jar } = setUp();
    const done = redemption
      .begin({ code: 'c', code_verifier: 'v', rotation_key: 'k' }, 60_000)
      .catch((why: Error) => why);
    authenticator.present();
    expect(sent[0]).to.include({ code: 'c', code_verifier: 'v', rotation_key: 'k' });
    timers.advance(60_000);
    expect(await done).to.include({ code: 'unavailable' });
    expect(redemption.pending).to.equal(undefined);
    expect(news).to.include('give up');
    expect(jar.read()?.sid).to.equal('s');
  });
});
