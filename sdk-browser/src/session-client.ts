import { checkedOptions } from './checked-options.ts';
import { fail } from './fail.ts';
import { createSessionFetch } from './fetch/session-fetch.ts';
import { type Enter, keepInside } from './inside.ts';
import { signIn } from './login/sign-in.ts';
import { signOut } from './login/sign-out.ts';
import { onShown } from './platform/focus.ts';
import { onInteraction } from './platform/interaction.ts';
import { onOnline } from './platform/online.ts';
import { hasUnhandledRedirect } from './platform/unhandled-redirect.ts';
import type { ProverFactory } from './proof/prover.ts';
import { oneFlight } from './refresh/one-flight.ts';
import type { LogoutInput, RegisterInput, Remove, Session, SessionEvents, SessionOptions } from './session.ts';
import { type Core, createCore } from './session-core.ts';
import type { SessionState, SessionUser } from './session-state.ts';

const activityEveryMs = 60_000;

/** Reports the person's activity, at most once a minute. */
function createActivity({ conversation, link, timers }: Core): () => void {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    if (conversation.liveSid === undefined || timers.now() - last < activityEveryMs) return;
    if (link.send((socket) => socket.emit('activity', {}))) last = timers.now();
  };
}

/** Follows the other tabs and the platform from the first call on. */
function createWatch(core: Core, activity: () => void, trackActivity: boolean) {
  let removals: Remove[] | undefined;
  const wake = (): void => {
    core.course.follow();
    core.link.hurry();
    core.refresher.check();
  };
  return {
    start(): void {
      removals ??= [
        core.channel.subscribe(core.course.follow),
        onShown(wake),
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

/** Does `work` once the storage is open: at once, but for storages that take a while. */
function createWhenOpen({ opening }: Pick<Core, 'opening'>) {
  return <Result>(work: () => Promise<Result>): Promise<Result> => opening()?.then(work) ?? work();
}

type WhenOpen = ReturnType<typeof createWhenOpen>;

function createEnter(start: () => void, whenOpen: WhenOpen): Enter {
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

function createSignIn(core: Core, enter: Enter, tenant: string | undefined) {
  return (kind: 'login' | 'register', given: RegisterInput): Promise<SessionUser> => {
    const input = tenant === undefined || given.tenant !== undefined ? given : { ...given, tenant };
    return enter(JSON.stringify([kind, input]), () => signIn(core, kind, input));
  };
}

const unhandledRedirect = 'the address holds the answer of a redirect sign-in: call handleRedirect before connect.';

function createConnect(core: Core, start: () => void): () => Promise<SessionState> {
  /** Concurrent calls take up the session once. A storage that cannot be read is no end of the session. */
  const takeUpLater = oneFlight(async () => {
    core.happen({ type: 'connecting' });
    await core.opening()?.then(
      () => {
        start();
        core.course.takeUp();
      },
      () => core.happen({ type: 'error', reason: 'unavailable' }),
    );
  });
  return () => {
    if (hasUnhandledRedirect(core.names.prefix)) core.advise('redirect', unhandledRedirect);
    if (core.opening() !== undefined) return takeUpLater().then(core.settled);
    start();
    const { status } = core.state;
    if (status === 'signed_out' || status === 'error') core.course.follow();
    core.link.hurry();
    return core.settled();
  };
}

/** A session whose sign-ins are bound when there is something that makes proofs; see `createSession`. */
export function openSession(given: SessionOptions, createProver?: ProverFactory): Session {
  const options = checkedOptions(given);
  const core = createCore(options, createProver);
  const activity = createActivity(core);
  const watch = createWatch(core, activity, options.trackActivity ?? true);
  const whenOpen = createWhenOpen(core);
  const enter = createEnter(watch.start, whenOpen);
  const signInAs = createSignIn(core, enter, options.tenant);
  const isSignedIn = () => whenOpen(async () => core.jar.read() !== undefined);
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
    socket: core.link.socket,
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
      advise: core.advise,
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
  return keepInside(session, { core, options, enter });
}
