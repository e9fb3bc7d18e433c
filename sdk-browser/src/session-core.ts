import type { CheckedOptions } from './checked-options.ts';
import { createHttp, type Http } from './fetch/http.ts';
import { paths } from './fetch/paths.ts';
import { createRedemption, type Redemption } from './login/redemption.ts';
import { type Advise, createAdvice } from './platform/advice.ts';
import { createDatabaseClock } from './platform/database-clock.ts';
import { windowTarget } from './platform/target.ts';
import { createTimers, type Timers } from './platform/timers.ts';
import type { Prover, ProverFactory } from './proof/prover.ts';
import { type Access, createAccess } from './refresh/access.ts';
import { createRefresher, type Refresher } from './refresh/refresher.ts';
import { createRenewal, type Renewal } from './refresh/renewal.ts';
import type { SessionOptions } from './session.ts';
import { type Course, createCourse } from './session-course.ts';
import { createEvents, type Events } from './session-events.ts';
import { createObstruction } from './session-obstruction.ts';
import { type Happening, type SessionState, signedOut } from './session-state.ts';
import { nextState } from './session-transitions.ts';
import { type Calls, createCalls } from './socket/calls.ts';
import { type Conversation, createConversation, type Findings } from './socket/conversation.ts';
import { createLink, type LatchkeySocket, type Link } from './socket/link.ts';
import { createObstacles } from './socket/obstacles.ts';
import { createJar, type Jar } from './storage/jar.ts';
import { type SharedNames, sharedNames } from './storage/names.ts';
import { findPlace, type Place } from './storage/place.ts';
import { createShelf } from './storage/storage.ts';
import type { HeldToken } from './storage/token.ts';
import { createTabChannel, noChannel, type TabChannel } from './tab/channel.ts';
import { createLeader, type Leader, onlyTab } from './tab/leader.ts';

/** The parts of one session, wired; the verbs (sign in, log out, …) are written over them. */
export interface Core {
  readonly state: SessionState;
  readonly names: SharedNames;
  readonly timers: Timers;
  readonly advise: Advise;
  readonly events: Events;
  /** Opens the storage; nothing when it is open. Rejects with `unavailable`. */
  readonly opening: Place['opening'];
  readonly jar: Jar;
  readonly http: Http;
  /** Absent from an SDK that was built without proofs. */
  readonly prover: Prover | undefined;
  readonly access: Access;
  readonly link: Link;
  readonly calls: Calls;
  readonly conversation: Conversation;
  readonly redemption: Redemption;
  readonly channel: TabChannel;
  readonly refresher: Refresher;
  readonly course: Course;
  readonly happen: (happening: Happening) => void;
  /** A new access token; concurrent calls share one. */
  renew(): Promise<void>;
  /** Resolves with the first state that is not `connecting`, or with the last one when the session is closed before. */
  settled(): Promise<SessionState>;
  /** Aborted when the session is closed. */
  readonly closed: AbortSignal;
  /** Frees everything, for good: what is still on its way opens no connection any more. */
  close(): void;
}

/** One state, and what it tells. */
function createStateKeeper(events: Events, closed: AbortSignal) {
  let state = signedOut;
  const news: SessionState[] = [];
  return {
    get: () => state,
    happen(happening: Happening): void {
      const next = nextState(state, happening);
      if (next === state) return;
      state = next;
      // A listener may let something happen itself: everybody hears of it after what is being told.
      if (news.push(next) > 1) return;
      for (const told of news) events.emit('state', told);
      news.length = 0;
    },
    settled(): Promise<SessionState> {
      return new Promise((resolve) => {
        const settle = (): void => {
          if (state.status === 'connecting' && !closed.aborted) return;
          remove();
          closed.removeEventListener('abort', settle);
          resolve(state);
        };
        const remove = events.on('state', settle);
        closed.addEventListener('abort', settle);
        settle();
      });
    },
  };
}

/** Server events that do not change what the session is. */
function passOn(socket: LatchkeySocket, link: Link, events: Events): void {
  socket.on('server_drain', ({ reconnect_after_ms }) => {
    link.holdOff(reconnect_after_ms);
    events.emit('server_drain', { reconnectAfterMs: reconnect_after_ms });
  });
  socket.on('session_expiring', ({ in_seconds, reason }) => {
    events.emit('session_expiring', { inSeconds: in_seconds, reason });
  });
}

const forgetful = 'the storage of the browser is forbidden or full, so that a page that is left is signed out.';

function createBasics(options: SessionOptions, createProver: ProverFactory | undefined) {
  const timers = options.timers ?? createTimers();
  const { url, useDpop: isWanted = true } = options;
  const names = sharedNames(options);
  const { prefix } = names;
  const advise = createAdvice();
  /** A server that renders pages has neither IndexedDB nor localStorage, and needs none. */
  const advisePage = windowTarget() === undefined ? undefined : advise;
  const prover = createProver?.({ database: names.database, timers, isWanted, advise: advisePage });
  const databaseClock = createDatabaseClock(timers);
  const http = createHttp({ url, timers, databaseClock, prover, advise });
  // A sign-in ends the session that stood here before it (OWASP ASVS 7.2.4); if that fails it dies by its limits.
  const endReplaced = ({ token }: HeldToken): void => {
    http.postForm(paths.oauthRevoke, { token }).catch(() => {});
  };
  const { storage, isShared, opening, flush } = findPlace(options, prefix, timers, advise);
  const jar = createJar(
    createShelf(storage, prefix, () => advisePage?.('storage', forgetful)),
    { onReplaced: endReplaced, flush },
  );
  const leader: Leader = isShared ? createLeader(`${prefix}rotate`) : onlyTab;
  return {
    names,
    timers,
    advise,
    databaseClock,
    opening,
    jar,
    leader,
    random: options.random ?? Math.random,
    events: createEvents(),
    prover,
    http,
    access: createAccess(timers),
    channel: isShared ? createTabChannel(prefix) : noChannel,
  };
}

/** The course is made last, because it needs all the others; they reach it through these. */
function callbacksOf(course: () => Course): Findings & Pick<Course, 'onUp' | 'onGone' | 'onDown' | 'onBounce'> {
  return {
    authenticated: (answer, held) => course().authenticated(answer, held),
    ended: (sid, reason) => course().ended(sid, reason),
    error: (reason) => course().error(reason),
    codeRefused: (failure) => course().codeRefused(failure),
    unauthorized: (error) => course().unauthorized(error),
    onUp: () => course().onUp(),
    onGone: () => course().onGone(),
    onDown: () => course().onDown(),
    onBounce: () => course().onBounce(),
  };
}

export function createCore(options: CheckedOptions, createProver?: ProverFactory): Core {
  const basics = createBasics(options, createProver);
  const { socketUrl } = options;
  const { timers, events, leader, channel } = basics;
  const closing = new AbortController();
  const closed = closing.signal;
  const { get: state, happen, settled } = createStateKeeper(events, closed);
  const callbacks = callbacksOf(() => course);
  const redemption = createRedemption({ timers, closed, onGiveUp: () => course.takeUp() });
  const obstacles = createObstacles({
    ...{ timers, url: socketUrl },
    link: () => link,
    onObstacle: createObstruction({ ...basics, redemption, happen, url: socketUrl, findings: callbacks }),
  });
  const link: Link = createLink({
    ...basics,
    ...callbacks,
    url: socketUrl,
    createSocket: options.createSocket,
    onUnopened: obstacles.examine,
  });
  link.socket.on('connect', obstacles.clear);
  const conversation = createConversation({
    ...basics,
    origin: new URL(socketUrl).origin,
    link,
    redemption,
    findings: callbacks,
  });
  const calls = createCalls(link);
  const refresher: Refresher = createRefresher({
    ...basics,
    isLeader: () => leader.isLeader,
    refresh: () => void renewal.renew().catch(() => {}),
    rotate: () => course.rotate(),
  });
  const parts = { ...basics, redemption, link, conversation, calls, refresher, happen, state, closed };
  const course: Course = createCourse(parts);
  const renewal: Renewal = createRenewal({ ...parts, settled, end: course.ended });
  passOn(link.socket, link, events);
  return Object.freeze({
    ...parts,
    get state() {
      return state();
    },
    course,
    renew: renewal.renew,
    settled,
    close() {
      closing.abort();
      course.stop();
      channel.close();
      events.clear();
      link.socket.off();
    },
  });
}
