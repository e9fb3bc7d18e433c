import { type Authenticated, Failure } from '@latchkey/contract';
import { expect } from 'chai';
import fc from 'fast-check';
import { initialState, type ReducerState, reduce } from '../../src/session/reduce.ts';
import type { SessionEvent, StorageFacts } from '../../src/session/session-event.ts';
import type { SessionState } from '../../src/session/session-state.ts';
import type { StoredToken } from '../../src/tokens/token.ts';

const user = { id: 'u', tenant_id: 't' };
const active: SessionState = { status: 'active', user, sessionId: 's', generation: 3 };

const token = (sid: string, gen: number): StoredToken => ({ token: `${sid}.${gen}`, sid, gen });
const has = (sid: string, gen: number): StorageFacts => ({ stored: token(sid, gen), lastEnd: undefined });
const empty: StorageFacts = { stored: undefined, lastEnd: undefined };
const loggedOut: StorageFacts = { stored: undefined, lastEnd: { sid: 's', reason: 'logout' } };

const live: ReducerState = { ...initialState, session: active, isLive: true, lastUserId: 'u' };
const offline: ReducerState = { ...live, session: { ...active, status: 'offline' }, isLive: false };
const signingIn: ReducerState = { ...initialState, isCodePending: true };
const refused = new Failure('code_invalid');

function answerFor(id: string): Authenticated {
  return { user: { id, tenant_id: 't' }, access_token: 'a', refresh_in: 1, rotate_in: 2 } as unknown as Authenticated;
}

function authenticated(held: StoredToken, facts: StorageFacts, userId = 'u'): SessionEvent {
  return { type: 'authenticated', answer: answerFor(userId), held, binding: {}, ...facts };
}

/** Names of the effects in their order. An emitted event has its own name. */
function effectsOf(state: ReducerState, event: SessionEvent): string {
  return reduce(state, event)
    .effects.map((effect) => (effect.type === 'emit' ? effect.name : effect.type))
    .join(' ');
}

const end = 'stop clear_access_token publish broadcast logged_out';

type Row = readonly [title: string, from: ReducerState, event: SessionEvent, status: string, effects: string];

const rows: readonly Row[] = [
  [
    'resumes a stored token',
    initialState,
    { type: 'resumed', ...has('s', 1) },
    'connecting',
    'start clear_access_token publish',
  ],
  [
    'stays signed out when it resumes without a token',
    initialState,
    { type: 'resumed', ...empty },
    'signed_out',
    'stop clear_access_token publish',
  ],
  ['does not resume a closed session', { ...live, isClosed: true }, { type: 'resumed', ...has('s', 3) }, 'active', ''],
  ['presents on an open connection', offline, { type: 'connected', ...has('s', 3) }, 'connecting', 'publish present'],
  [
    'forgets the access token of another session',
    offline,
    { type: 'connected', ...has('x', 1) },
    'connecting',
    'clear_access_token publish present',
  ],
  ['signs out on an open connection without a token', offline, { type: 'connected', ...loggedOut }, 'signed_out', end],
  [
    'presents a pending code without a token',
    signingIn,
    { type: 'connected', ...empty },
    'connecting',
    'publish present',
  ],
  ['resets a closed connection and keeps the state', live, { type: 'disconnected' }, 'active', 'reset'],
  [
    'connects again without a token',
    live,
    { type: 'reconnecting', ...empty },
    'connecting',
    'clear_access_token publish',
  ],
  ['diagnoses a connection that does not open', offline, { type: 'connect_failed' }, 'offline', 'diagnose'],
  [
    'is active after an answer',
    offline,
    authenticated(token('s', 4), has('s', 4)),
    'active',
    'grant publish broadcast resolve_code authenticated',
  ],
  [
    'warns when another tab signed in another user',
    live,
    authenticated(token('x', 1), has('x', 1), 'v'),
    'active',
    'grant publish broadcast warn_of_other_user resolve_code authenticated',
  ],
  [
    'does not warn of an own sign-in',
    { ...live, isCodePending: true },
    authenticated(token('x', 1), has('x', 1), 'v'),
    'active',
    'grant publish broadcast resolve_code authenticated',
  ],
  [
    'ends with the reason of the service',
    live,
    { type: 'ended', sessionId: 's', reason: 'token_reused', lastEnd: undefined },
    'signed_out',
    end,
  ],
  [
    'does not end while a code is pending',
    { ...live, isCodePending: true },
    { type: 'ended', sessionId: 's', reason: 'logout', lastEnd: undefined },
    'active',
    '',
  ],
  [
    'stops after a rejection and stays signed in',
    live,
    { type: 'rejected', reason: 'forbidden' },
    'error',
    'stop publish',
  ],
  [
    'opens a connection for a code',
    live,
    { type: 'code_received', ...has('s', 3) },
    'connecting',
    'start clear_access_token publish',
  ],
  [
    'ignores a code of a closed session',
    { ...live, isClosed: true },
    { type: 'code_received', ...empty },
    'active',
    '',
  ],
  [
    'returns to the stored token after a refused code',
    signingIn,
    { type: 'code_rejected', failure: refused, ...has('s', 3) },
    'connecting',
    'reject_code start clear_access_token publish',
  ],
  [
    'is signed out after a refused first code',
    signingIn,
    { type: 'code_rejected', failure: refused, ...empty },
    'signed_out',
    'reject_code stop clear_access_token publish',
  ],
  [
    'returns to the stored token after the timeout of a code',
    signingIn,
    { type: 'code_timed_out', ...has('s', 3) },
    'connecting',
    'start clear_access_token publish',
  ],
  ['adopts the end in another tab', live, { type: 'tokens_changed', ...loggedOut }, 'signed_out', end],
  [
    'adopts another session',
    live,
    { type: 'tokens_changed', ...has('x', 1) },
    'connecting',
    'start clear_access_token publish',
  ],
  [
    'adopts a later generation',
    live,
    { type: 'tokens_changed', ...has('s', 4) },
    'active',
    'publish schedule_rotation',
  ],
  [
    'presents a later generation when it is not live',
    offline,
    { type: 'tokens_changed', ...has('s', 4) },
    'offline',
    'publish schedule_rotation present',
  ],
  ['ignores the generation that it knows', live, { type: 'tokens_changed', ...has('s', 3) }, 'active', ''],
  [
    'adopts nothing while a code is pending',
    { ...live, isCodePending: true },
    { type: 'tokens_changed', ...loggedOut },
    'active',
    '',
  ],
  ['adopts nothing during a log-out', { ...live, logouts: 1 }, { type: 'tokens_changed', ...loggedOut }, 'active', ''],
  [
    'adopts nothing after the first of two log-outs',
    { ...live, logouts: 2 },
    { type: 'logout_finished', ...loggedOut },
    'active',
    '',
  ],
  [
    'adopts the end after the last log-out',
    { ...live, logouts: 1 },
    { type: 'logout_finished', ...loggedOut },
    'signed_out',
    end,
  ],
  ['renews the access token', live, { type: 'refresh_due' }, 'active', 'renew'],
  ['rotates on the live connection', live, { type: 'rotation_due', ...has('s', 3) }, 'refreshing', 'publish present'],
  [
    'does not rotate what another tab has rotated',
    live,
    { type: 'rotation_due', ...has('s', 4) },
    'active',
    'publish schedule_rotation',
  ],
  ['does not rotate without a live connection', offline, { type: 'rotation_due', ...has('s', 3) }, 'offline', ''],
  ['stops when it is closed', live, { type: 'closed' }, 'active', 'stop'],
];

describe('reduce', () => {
  for (const [title, from, event, status, effects] of rows) {
    it(title, () => {
      expect(reduce(from, event).state.session.status).to.equal(status);
      expect(effectsOf(from, event)).to.equal(effects);
    });
  }

  it('takes the generation of the storage when it is later than that of the answer', () => {
    const { session } = reduce(offline, authenticated(token('s', 4), has('s', 6))).state;
    expect(session.generation).to.equal(6);
  });

  it('takes the reason of an end from the storage, if it is of that session', () => {
    const reasonOf = (facts: StorageFacts) => reduce(live, { type: 'tokens_changed', ...facts }).state.session.reason;
    expect(reasonOf(loggedOut)).to.equal('logout');
    expect(reasonOf({ stored: undefined, lastEnd: { sid: 'x', reason: 'logout' } })).to.equal(undefined);
  });

  it('changes neither its input nor an answer to the same input', () => {
    for (const [, from, event] of rows) {
      const before = structuredClone(from);
      expect(reduce(from, event)).to.deep.equal(reduce(from, event));
      expect(from).to.deep.equal(before);
    }
  });

  it('never signs out while a token is stored, unless the session has ended', () => {
    const kept = rows.map(([, , event]) => event).filter((event) => event.type !== 'ended');
    const events = fc.constantFrom(...kept.map((event) => ({ ...event, ...has('s', 3) }) as SessionEvent));
    fc.assert(
      fc.property(fc.array(events), (list) => {
        const { session } = list.reduce((state, event) => reduce(state, event).state, live);
        expect(session.status).not.to.equal('signed_out');
      }),
    );
  });

  it('signs out once only while a code is not pending', () => {
    const events = fc.constantFrom(...rows.map(([, , event]) => event));
    fc.assert(
      fc.property(fc.array(events), (list) => {
        list.reduce((state, event) => {
          const reduced = reduce(state, event);
          const isEnd = reduced.effects.some((effect) => effect.type === 'emit' && effect.name === 'logged_out');
          if (isEnd)
            expect([reduced.state.isCodePending, state.session.sessionId === undefined]).to.deep.equal([false, false]);
          return reduced.state;
        }, initialState);
      }),
    );
  });
});
