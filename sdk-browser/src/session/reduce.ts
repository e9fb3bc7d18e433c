import type { StoredToken } from '../tokens/token.ts';
import type { TokenEnd } from '../tokens/token-store.ts';
import type { Effect, SessionEvent, StateEvent, StorageFacts } from './session-event.ts';
import { type SessionAction, type SessionReason, type SessionState, signedOut } from './session-state.ts';
import { nextState } from './transitions.ts';

/** Everything that decisions about a session depend on. `session` is the state that the page sees. */
export interface ReducerState {
  readonly session: SessionState;
  /** True while the connection is authenticated. */
  readonly isLive: boolean;
  /** True while a sign-in redeems a code. The connection then belongs to the code. */
  readonly isCodePending: boolean;
  /** Log-outs in flight. Changes of other tabs are adopted after them, because the answer would be lost with the connection. */
  readonly logouts: number;
  /** The user of the last `authenticated`. */
  readonly lastUserId: string | undefined;
  readonly isClosed: boolean;
}

/** The state after an event, and what has to be done, in this order. */
interface Reduced {
  readonly state: ReducerState;
  readonly effects: readonly Effect[];
}

/** The state of a new session. */
export const initialState: ReducerState = {
  session: signedOut,
  isLive: false,
  isCodePending: false,
  logouts: 0,
  lastUserId: undefined,
  isClosed: false,
};

const unchanged = (state: ReducerState): Reduced => ({ state, effects: [] });

/** Changes the public state. It is emitted after the effects `before`, and before the effects `after`. */
function apply(
  state: ReducerState,
  action: SessionAction,
  before: readonly Effect[] = [],
  after: readonly Effect[] = [],
): Reduced {
  return {
    state: { ...state, session: nextState(state.session, action) },
    effects: [...before, { type: 'publish' }, ...after],
  };
}

/** Signs out. The previous session may end while a code is redeemed. The connection then belongs to the code. */
function end(
  state: ReducerState,
  endedId: string | undefined,
  lastEnd: TokenEnd | undefined,
  given?: SessionReason,
): Reduced {
  if (state.isCodePending) return unchanged(state);
  const { sessionId } = state.session;
  const reason = given ?? (lastEnd?.sid === endedId ? lastEnd?.reason : undefined);
  return apply(
    state,
    { type: 'signed_out', ...(reason === undefined ? {} : { reason }) },
    [{ type: 'stop' }, { type: 'clear_access_token' }],
    sessionId === undefined
      ? []
      : [{ type: 'broadcast' }, { type: 'emit', name: 'logged_out', payload: { reason: reason ?? 'ended_by_user' } }],
  );
}

function connect(
  state: ReducerState,
  stored: StoredToken | undefined,
  before: readonly Effect[] = [],
  after: readonly Effect[] = [],
): Reduced {
  const held = state.isCodePending ? undefined : stored;
  const clear: Effect[] = held?.sid === state.session.sessionId ? [] : [{ type: 'clear_access_token' }];
  const known = held === undefined ? {} : { sessionId: held.sid, generation: held.gen };
  return apply(state, { type: 'connecting', ...known }, [...before, ...clear], after);
}

/** Signs out if there is nothing to present. */
function connectIfAny(
  state: ReducerState,
  { stored, lastEnd }: StorageFacts,
  before: readonly Effect[],
  after?: readonly Effect[],
): Reduced {
  const isEmpty = !state.isCodePending && stored === undefined;
  return isEmpty ? end(state, state.session.sessionId, lastEnd) : connect(state, stored, before, after);
}

/** Opens a new connection. The state is emitted last, because a listener may close the session. */
function resume(state: ReducerState, facts: StorageFacts): Reduced {
  return state.isClosed ? unchanged(state) : connectIfAny(state, facts, [{ type: 'start' }]);
}

/** Adopts what another tab has changed. Returns `undefined` if there is nothing to adopt. */
function adopt(state: ReducerState, facts: StorageFacts): Reduced | undefined {
  const { stored, lastEnd } = facts;
  const { status, sessionId, generation = -1 } = state.session;
  if (state.isCodePending || state.logouts > 0 || state.isClosed) return undefined;
  if (stored === undefined) return status === 'signed_out' ? undefined : end(state, sessionId, lastEnd);
  if (status === 'signed_out' || status === 'error' || stored.sid !== sessionId) return resume(state, facts);
  if (stored.gen <= generation) return undefined;
  const { sid, gen } = stored;
  return apply(
    state,
    { type: 'advanced', sessionId: sid, generation: gen },
    [],
    [{ type: 'schedule_rotation' }, ...(state.isLive ? [] : [{ type: 'present' } as const])],
  );
}

type EventOf<Type extends SessionEvent['type']> = Extract<SessionEvent, { readonly type: Type }>;

type Accepted = Extract<SessionAction, { readonly type: 'authenticated' | 'redeemed' }>;

/** Signs in or stays signed in: the credential was accepted, and its token is stored. */
function accept(state: ReducerState, action: Accepted, grant: Effect, warnings: readonly Effect[] = []): Reduced {
  const { user, sessionId, generation } = action;
  return apply(
    { ...state, isCodePending: false },
    action,
    [grant],
    [
      { type: 'broadcast' },
      ...warnings,
      { type: 'resolve_code', user },
      { type: 'emit', name: 'authenticated', payload: { user, sessionId, generation } },
    ],
  );
}

function authenticate(state: ReducerState, { answer, held, binding, stored }: EventOf<'authenticated'>): Reduced {
  const { user, scope = '' } = answer;
  const { sid: sessionId, gen } = held;
  const generation = stored?.sid === sessionId ? stored.gen : gen;
  const isOtherUser = !state.isCodePending && state.lastUserId !== undefined && state.lastUserId !== user.id;
  return accept(
    { ...state, isLive: true, lastUserId: user.id },
    { type: 'authenticated', user, sessionId, generation, scope, binding },
    { type: 'grant', answer },
    isOtherUser ? [{ type: 'warn_of_other_user' }] : [],
  );
}

function redeem(state: ReducerState, { user, held, answer, binding }: EventOf<'redeemed'>): Reduced {
  const { access_token: token, expires_in: expiresInSeconds, scope = '' } = answer;
  return accept(
    state,
    { type: 'redeemed', user, sessionId: held.sid, generation: held.gen, scope, binding },
    { type: 'set_access_token', token, expiresInSeconds },
  );
}

/** Replaces the token on the live connection, unless another tab has rotated without a notification. */
function rotate(state: ReducerState, facts: StorageFacts): Reduced {
  const adopted = adopt(state, facts);
  if (adopted !== undefined) return adopted;
  return state.isLive ? apply(state, { type: 'refreshing' }, [], [{ type: 'present' }]) : unchanged(state);
}

const applyAlone = (state: ReducerState, event: StateEvent): Reduced => apply(state, event);

type Reducers = { readonly [Type in SessionEvent['type']]: (state: ReducerState, event: EventOf<Type>) => Reduced };

const reducers: Reducers = {
  connecting: applyAlone,
  advanced: applyAlone,
  refreshing: applyAlone,
  refreshed: applyAlone,
  offline: applyAlone,
  resumed: resume,
  closed: (state) => ({ state: { ...state, isClosed: true, isCodePending: false }, effects: [{ type: 'stop' }] }),
  connected: (state, facts) => connectIfAny(state, facts, [], [{ type: 'present' }]),
  disconnected: (state) => ({ state: { ...state, isLive: false }, effects: [{ type: 'reset' }] }),
  reconnecting: (state, { stored }) => connect(state, stored),
  connect_failed: (state, { error }) => ({ state, effects: [{ type: 'diagnose', error }] }),
  authenticated: authenticate,
  unauthorized: (state, { error }) =>
    apply(state, { type: 'refreshed' }, [], [{ type: 'emit', name: 'unauthorized', payload: error }]),
  ended: (state, { sessionId = state.session.sessionId, reason, lastEnd }) => end(state, sessionId, lastEnd, reason),
  rejected: (state, { reason }) => apply(state, { type: 'error', reason }, [{ type: 'stop' }]),
  code_received: (state, facts) => resume({ ...state, isCodePending: !state.isClosed }, facts),
  code_rejected: (state, facts) => {
    const { state: next, effects } = resume({ ...state, isCodePending: false }, facts);
    return { state: next, effects: [{ type: 'reject_code', failure: facts.failure }, ...effects] };
  },
  code_timed_out: (state, facts) => resume({ ...state, isCodePending: false }, facts),
  redeemed: redeem,
  tokens_changed: (state, facts) => adopt(state, facts) ?? unchanged(state),
  logout_started: (state) => unchanged({ ...state, logouts: state.logouts + 1 }),
  logout_finished: (state, facts) => {
    const next = { ...state, logouts: state.logouts - 1 };
    return adopt(next, facts) ?? unchanged(next);
  },
  refresh_due: (state) => ({ state, effects: [{ type: 'renew' }] }),
  rotation_due: rotate,
};

/** Returns the state after an event, and the effects that follow. Pure: an event holds everything that was read or received. */
export function reduce(state: ReducerState, event: SessionEvent): Reduced {
  return (reducers[event.type] as (state: ReducerState, event: SessionEvent) => Reduced)(state, event);
}
