import type { Authenticated } from '@latchkey/contract';
import { createHttp, type Http } from './fetch/http.ts';
import { createRedemption, type Redemption } from './login/redemption.ts';
import { createTimers, type Timers } from './platform/timers.ts';
import { type Access, createAccess } from './refresh/access.ts';
import { createRefresher, type Refresher } from './refresh/refresher.ts';
import { createRenewal, type Renewal } from './refresh/renewal.ts';
import type { SessionOptions } from './session.ts';
import { createEvents, type Events } from './session-events.ts';
import { type Happening, nextState, type SessionReason, type SessionState, signedOut } from './session-state.ts';
import { type Calls, createCalls } from './socket/calls.ts';
import { type Conversation, createConversation } from './socket/conversation.ts';
import { createLink, type Link } from './socket/link.ts';
import { createJar, type Jar } from './storage/jar.ts';
import { createShelf, findLocalStorage } from './storage/storage.ts';
import type { HeldToken } from './storage/token.ts';
import { createTabChannel, type TabChannel } from './tab/channel.ts';
import { createLeader, type Leader } from './tab/leader.ts';

/** The parts of one session, wired; the verbs (sign in, log out, …) are written over them. */
export interface Core {
  readonly state: SessionState;
  readonly timers: Timers;
  readonly events: Events;
  readonly jar: Jar;
  readonly http: Http;
  readonly access: Access;
  readonly link: Link;
  readonly calls: Calls;
  readonly conversation: Conversation;
  readonly redemption: Redemption;
  readonly channel: TabChannel;
  readonly refresher: Refresher;
  /** A new access token; concurrent calls share one. */
  renew(): Promise<void>;
  /** Shows what there is to show, a code or the jar's token, on a fresh connection; or is signed out. */
  takeUp(): void;
  /** The session is over in this tab. */
  end(sid: string | undefined, reason: SessionReason | undefined): void;
  /** Another tab may have changed the jar: follow it. */
  follow(): void;
  /** Resolves with the first state that is not `joining`. */
  settled(): Promise<SessionState>;
  stop(): void;
}

/** One state, and what it tells. */
function createStateKeeper(events: Events) {
  let state = signedOut;
  return {
    get: () => state,
    happen(happening: Happening): void {
      const next = nextState(state, happening);
      if (next === state) return;
      state = next;
      events.emit('state', next);
    },
  };
}

function createBasics(options: SessionOptions) {
  const timers = options.timers ?? createTimers();
  const prefix = `latchkey:${new URL(options.url).host}:`;
  const jar = createJar(createShelf(options.storage ?? findLocalStorage(), prefix));
  const leader: Leader = createLeader(`${prefix}rotate`);
  return {
    timers,
    jar,
    leader,
    random: options.random ?? Math.random,
    events: createEvents(),
    http: createHttp({ url: options.url, timers }),
    access: createAccess(timers),
    channel: createTabChannel(prefix),
  };
}

export function createCore(options: SessionOptions): Core {
  const basics = createBasics(options);
  const { timers, random, jar, leader, events, access, channel } = basics;
  const keeper = createStateKeeper(events);
  const { happen } = keeper;

  const quiet = (): void => {
    link.stop();
    refresher.stop();
  };
  const end = (sid: string | undefined, given: SessionReason | undefined): void => {
    const { sessionId } = keeper.get();
    const reason = given ?? (sid === undefined ? undefined : jar.endOf(sid));
    quiet();
    access.drop();
    happen({ type: 'signed_out', ...(reason === undefined ? {} : { reason }) });
    if (sessionId === undefined) return;
    channel.announce();
    events.emit('logged_out', { reason: reason ?? 'ended_elsewhere' });
  };
  const join = (): void => {
    const held = redemption.pending === undefined ? jar.read() : undefined;
    if (held?.sid !== keeper.get().sessionId) access.drop();
    happen({ type: 'joining', ...(held === undefined ? {} : { sessionId: held.sid, generation: held.gen }) });
  };
  const takeUp = () => {
    if (redemption.pending === undefined && jar.read() === undefined) {
      return end(keeper.get().sessionId, undefined);
    }
    join();
    refresher.stop();
    link.start();
  };
  const follow = (): void => {
    if (redemption.pending !== undefined) return;
    const held = jar.read();
    const { status, sessionId, generation = -1 } = keeper.get();
    if (held === undefined) {
      if (status !== 'signed_out') end(sessionId, undefined);
    } else if (held.sid !== sessionId || status === 'signed_out' || status === 'lost') takeUp();
    else if (held.gen > generation) advanced(held);
  };
  const advanced = ({ sid, gen }: HeldToken): void => {
    happen({ type: 'advanced', sessionId: sid, generation: gen });
    refresher.rotated();
    if (conversation.liveSid === undefined) conversation.present();
  };
  const authenticated = (answer: Authenticated, held: HeldToken): void => {
    const { user } = answer;
    const now = jar.read();
    const generation = now?.sid === held.sid ? now.gen : held.gen;
    access.set(answer.access_token, answer.access_token_expires_in);
    refresher.granted(answer);
    leader.start();
    happen({ type: 'authenticated', user, sessionId: held.sid, generation });
    channel.announce();
    redemption.succeed(user);
    events.emit('authenticated', { user, sessionId: held.sid, generation });
  };
  const redemption = createRedemption({ timers, onGiveUp: takeUp });
  const link: Link = createLink({
    url: options.socketUrl ?? options.url,
    timers,
    random,
    createSocket: options.createSocket,
    onUp() {
      join();
      conversation.present();
    },
    onGone() {
      conversation.dropped();
      leader.stop();
    },
    onDown: () => happen({ type: 'offline' }),
  });
  const conversation: Conversation = createConversation({
    link,
    jar,
    redemption,
    timers,
    random,
    findings: {
      authenticated,
      ended: end,
      lost(reason) {
        quiet();
        happen({ type: 'lost', reason });
      },
      codeRefused(failure) {
        redemption.refuse(failure);
        takeUp();
      },
      unauthorized(error) {
        happen({ type: 'refreshed' });
        events.emit('unauthorized', error);
      },
    },
  });
  const calls = createCalls(link);
  const settled = (): Promise<SessionState> =>
    new Promise((resolve) => {
      if (keeper.get().status !== 'joining') return resolve(keeper.get());
      const remove = events.on('state', (state) => {
        if (state.status === 'joining') return;
        remove();
        resolve(state);
      });
    });
  const renewal: Renewal = createRenewal({
    ...basics,
    link,
    calls,
    conversation,
    happen,
    settled,
    end,
    refresher: () => refresher,
  });
  const refresher: Refresher = createRefresher({
    timers,
    random,
    isLeader: () => leader.isLeader,
    refresh: () => void renewal.renew().catch(() => {}),
    rotate() {
      if (conversation.liveSid === undefined) return;
      happen({ type: 'refreshing' });
      conversation.present();
    },
  });
  link.socket.on('server_drain', ({ reconnect_after_ms }) => {
    link.holdOff(reconnect_after_ms);
    events.emit('server_drain', { reconnectAfterMs: reconnect_after_ms });
  });
  link.socket.on('session_expiring', ({ in_seconds, reason }) =>
    events.emit('session_expiring', { inSeconds: in_seconds, reason }),
  );
  return Object.freeze({
    ...basics,
    get state() {
      return keeper.get();
    },
    link,
    calls,
    conversation,
    redemption,
    refresher,
    renew: renewal.renew,
    takeUp,
    end,
    follow,
    settled,
    stop: quiet,
  });
}
