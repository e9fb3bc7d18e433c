import type { RunSignIn } from '../auth/prepare-code.ts';
import { type RegisterInput, signIn } from '../auth/sign-in.ts';
import { type LogoutInput, signOut } from '../auth/sign-out.ts';
import { createSessionFetch } from '../http/session-fetch.ts';
import { fail } from '../platform/fail.ts';
import { onInteraction } from '../platform/interaction.ts';
import { onOnline } from '../platform/online.ts';
import { singleFlight } from '../platform/single-flight.ts';
import { hasUnhandledRedirect } from '../platform/unhandled-redirect.ts';
import { onVisible } from '../platform/visibility.ts';
import type { ProverFactory } from '../proof/prover.ts';
import { setInternals } from './internals.ts';
import { resolveSessionOptions } from './resolve-options.ts';
import type { Session, SessionEvents, SessionOptions, Unsubscribe } from './session.ts';
import { createSessionCore, type SessionCore } from './session-core.ts';
import type { SessionState, SessionUser } from './session-state.ts';

const activityEveryMs = 60_000;

/** Returns the function that reports activity of the user, at most once a minute. */
function createActivity({ authenticator, connection, timers }: SessionCore): () => void {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (authenticator.liveSessionId === undefined || timers.now() - last < activityEveryMs) return;
    if (connection.send((socket) => socket.emit('activity', {}))) last = timers.now();
  };
}

/** Subscribes to the other tabs and to events of the page. A repeated `start` has no effect. */
function createWatch(core: SessionCore, activity: () => void, trackActivity: boolean) {
  let removals: Unsubscribe[] | undefined;
  const adoptOtherTab = (): void => core.dispatchStored('tokens_changed');
  const wake = (): void => {
    adoptOtherTab();
    core.connection.retryNow();
    core.refreshScheduler.check();
  };
  return {
    start(): void {
      removals ??= [
        core.channel.subscribe(adoptOtherTab),
        onVisible(wake),
        onOnline(wake),
        ...(trackActivity ? [onInteraction(activity)] : []),
      ];
    },
    stop(): void {
      for (const remove of removals ?? []) remove();
      removals = [];
    },
  };
}

/** Returns a function that runs `work` after the storage is open, in the same task if it is open already. */
function createWhenOpen({ ensureOpen }: Pick<SessionCore, 'ensureOpen'>) {
  return <Result>(work: () => Promise<Result>): Promise<Result> => ensureOpen()?.then(work) ?? work();
}

type WhenOpen = ReturnType<typeof createWhenOpen>;

function createEnter(start: () => void, whenOpen: WhenOpen): RunSignIn {
  let flight: { readonly what: string; readonly done: Promise<SessionUser> } | undefined;
  return (what, signIn) => {
    if (flight !== undefined) return flight.what === what ? flight.done : Promise.reject(fail('busy'));
    const done = whenOpen(() => {
      start();
      return signIn();
    }).finally(() => {
      flight = undefined;
    });
    flight = { what, done };
    return done;
  };
}

function createSignIn(core: SessionCore, enter: RunSignIn, tenant: string | undefined) {
  return (kind: 'login' | 'register', given: RegisterInput): Promise<SessionUser> => {
    const input = tenant === undefined || given.tenant !== undefined ? given : { ...given, tenant };
    return enter(JSON.stringify([kind, input]), () => signIn(core, enter, kind, input));
  };
}

const unhandledRedirect = 'the address has the code of a redirect sign-in. Call handleRedirect before connect.';

function createConnect(core: SessionCore, start: () => void): () => Promise<SessionState> {
  /** Concurrent calls resume the session once. A storage that cannot be read does not end the session. */
  const resumeWhenOpen = singleFlight(async () => {
    core.dispatch({ type: 'connecting' });
    await core.ensureOpen()?.then(
      () => {
        start();
        core.dispatchStored('resumed');
      },
      () => core.dispatch({ type: 'rejected', reason: 'unavailable' }),
    );
  });
  return () => {
    if (hasUnhandledRedirect(core.names.prefix)) core.warnOnce('redirect', unhandledRedirect);
    if (core.ensureOpen() !== undefined) return resumeWhenOpen().then(core.settled);
    start();
    const { status } = core.state;
    if (status === 'signed_out' || status === 'error') core.dispatchStored('tokens_changed');
    core.connection.retryNow();
    return core.settled();
  };
}

/** Creates a session. Sign-ins are bound to a key only with `createProver`. See `createSession`. */
export function openSession(given: SessionOptions, createProver?: ProverFactory): Session {
  const options = resolveSessionOptions(given);
  const core = createSessionCore(options, createProver);
  const activity = createActivity(core);
  const watch = createWatch(core, activity, options.trackActivity ?? true);
  const whenOpen = createWhenOpen(core);
  const runSignIn = createEnter(watch.start, whenOpen);
  const signInAs = createSignIn(core, runSignIn, options.tenant);
  const isSignedIn = () => whenOpen(async () => core.tokenStore.read() !== undefined);
  const session: Session = Object.freeze({
    get state() {
      return core.state;
    },
    get user() {
      return core.state.user;
    },
    get sessionId() {
      return core.state.sessionId;
    },
    get generation() {
      return core.state.generation;
    },
    get scope() {
      return core.state.scope;
    },
    get isBound() {
      return core.state.isBound;
    },
    get unboundReason() {
      return core.prover === undefined ? 'off' : core.prover.unboundReason;
    },
    socket: core.connection.socket,
    register: (input: RegisterInput) => signInAs('register', input),
    login: (input: RegisterInput) => signInAs('login', input),
    connect: createConnect(core, watch.start),
    subscribe: (listener: (state: SessionState) => void) => core.events.on('state', listener),
    on: <Name extends keyof SessionEvents>(event: Name, listener: (payload: SessionEvents[Name]) => void) =>
      core.events.on(event, listener),
    fetch: createSessionFetch({
      url: options.url,
      origins: new Set([options.url, ...options.apis]),
      access: core.access,
      prover: core.prover,
      warnOnce: core.warnOnce,
      isSignedIn,
      renew: core.renew,
    }),
    refresh: () => whenOpen(core.renew),
    logout: (input: LogoutInput = {}) => whenOpen(() => signOut(core, input)),
    activity,
    close() {
      watch.stop();
      core.close();
    },
  });
  return setInternals(session, { core, options, runSignIn });
}
