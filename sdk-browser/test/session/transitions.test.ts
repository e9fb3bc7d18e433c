import { expect } from 'chai';
import fc from 'fast-check';
import {
  isSignedIn,
  type SessionAction,
  type SessionState,
  type SessionStatus,
  signedOut,
} from '../../src/session/session-state.ts';
import { nextState, transitions } from '../../src/session/transitions.ts';

const user = { id: 'u', tenant_id: 't' };
const known = { user, sessionId: 's', generation: 3 };
const active: SessionState = { status: 'active', ...known };
const offline: SessionState = { status: 'offline', ...known };
const refreshing: SessionState = { status: 'refreshing', ...known };
const failed: SessionState = { status: 'error', reason: 'invalid_request', ...known };
const ended: SessionState = { status: 'signed_out', reason: 'idle_timeout' };
const authenticated: SessionAction = { type: 'authenticated', user, sessionId: 's', generation: 4 };
const states: Readonly<Record<SessionStatus, SessionState>> = {
  signed_out: ended,
  connecting: { status: 'connecting', ...known },
  active,
  refreshing,
  offline,
  error: failed,
};
const happenings: readonly SessionAction[] = [
  { type: 'connecting', sessionId: 's', generation: 3 },
  authenticated,
  { ...authenticated, type: 'redeemed', binding: {} },
  { type: 'advanced', sessionId: 's', generation: 9 },
  { type: 'refreshing' },
  { type: 'refreshed' },
  { type: 'offline' },
  { type: 'signed_out', reason: 'logout' },
  { type: 'error', reason: 'proof_invalid' },
];

describe('transitions', () => {
  // One line a status, in the order of `happenings`.
  const grid: Readonly<Record<SessionStatus, string>> = {
    signed_out: 'connecting active offline signed_out signed_out signed_out signed_out signed_out error',
    connecting: 'connecting active offline connecting connecting connecting offline signed_out error',
    active: 'connecting active offline active refreshing active offline signed_out error',
    refreshing: 'connecting active offline refreshing refreshing active offline signed_out error',
    offline: 'connecting active offline offline offline offline offline signed_out error',
    error: 'connecting active offline error error error error signed_out error',
  };
  it('contain exactly the events and statuses of the session', () => {
    const types = happenings.map(({ type }) => type);
    expect(Object.keys(transitions)).to.deep.equal(types);
    for (const type of types) expect(transitions[type]).to.have.all.keys(Object.keys(states));
  });
  for (const [status, state] of Object.entries(states)) {
    it(`define the next status of ${status} for every event`, () => {
      const reached = happenings.map((happening) => nextState(state, happening));
      expect(reached.map((next) => next.status).join(' ')).to.equal(grid[status as SessionStatus]);
      for (const next of reached) expectWhole(next);
    });
  }
  it('keep the reason of a missing socket until there is one, only while signed in', () => {
    const blocked: SessionAction = { type: 'offline', reason: 'no_websocket' };
    const shown = nextState(offline, blocked);
    expect(shown).to.deep.equal({ ...offline, reason: 'no_websocket' });
    expect(nextState(shown, { type: 'offline' })).to.equal(shown);
    expect(nextState(shown, authenticated)).to.not.have.property('reason');
    expect(nextState(shown, { type: 'connecting', sessionId: 's' })).to.not.have.property('reason');
    expect([nextState(ended, blocked), nextState(failed, blocked)]).to.deep.equal([ended, failed]);
  });
  it('keep every state consistent, in any order of events', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...happenings)), (list) => {
        list.reduce((state, happening) => {
          const next = nextState(state, happening);
          expectWhole(next);
          return next;
        }, signedOut);
      }),
    );
  });
});

/** A live session has a user. Only an ended or refused session has a reason. */
function expectWhole({ status, reason, user: who, sessionId, generation }: SessionState): void {
  if (status === 'active' || status === 'refreshing') expect([who, sessionId, generation]).not.to.include(undefined);
  if (status === 'signed_out') expect([who, sessionId, generation]).to.deep.equal([undefined, undefined, undefined]);
  else expect(reason !== undefined).to.equal(status === 'error');
}

describe('nextState', () => {
  const table: [string, SessionState, SessionAction, SessionState][] = [
    ['connects for the first time', signedOut, { type: 'connecting' }, { status: 'connecting' }],
    [
      'keeps whom it knows while it connects to the same session',
      offline,
      { type: 'connecting', sessionId: 's', generation: 3 },
      { status: 'connecting', ...known },
    ],
    [
      'forgets whom it knew when it connects to another',
      active,
      { type: 'connecting', sessionId: 'x', generation: 1 },
      { status: 'connecting', sessionId: 'x', generation: 1 },
    ],
    [
      'drops the reason when it connects',
      ended,
      { type: 'connecting', sessionId: 's' },
      { status: 'connecting', sessionId: 's' },
    ],
    ['is active once authenticated', { status: 'connecting' }, authenticated, { ...active, generation: 4 }],
    ['is active again from offline', offline, authenticated, { ...active, generation: 4 }],
    [
      'takes a later generation from another tab',
      active,
      { type: 'advanced', sessionId: 's', generation: 5 },
      { ...active, generation: 5 },
    ],
    ['takes no earlier one', active, { type: 'advanced', sessionId: 's', generation: 2 }, active],
    ['takes none of another session', active, { type: 'advanced', sessionId: 'x', generation: 9 }, active],
    ['takes none when signed out', ended, { type: 'advanced', sessionId: 's', generation: 9 }, ended],
    ['refreshes when active', active, { type: 'refreshing' }, refreshing],
    ['does not refresh when offline', offline, { type: 'refreshing' }, offline],
    ['has refreshed', refreshing, { type: 'refreshed' }, active],
    [
      'knows the scopes of a sign-in',
      { status: 'connecting' },
      { type: 'authenticated', user, sessionId: 's', generation: 3, scope: 'a b' },
      { ...active, scope: 'a b' },
    ],
    [
      'knows other scopes once refreshed',
      { ...refreshing, scope: 'a b' },
      { type: 'refreshed', scope: 'a' },
      { ...active, scope: 'a' },
    ],
    [
      'keeps the scopes when a refresh fails',
      { ...refreshing, scope: 'a' },
      { type: 'refreshed' },
      { ...active, scope: 'a' },
    ],
    [
      'knows the scopes of a token that was replaced over HTTP',
      { ...offline, scope: 'a b' },
      { type: 'advanced', sessionId: 's', generation: 4, scope: '' },
      { ...offline, generation: 4, scope: '' },
    ],
    ['stays offline when a refresh fails', offline, { type: 'refreshed' }, offline],
    ['is offline, not logged out', active, { type: 'offline' }, offline],
    [
      'is offline from connecting',
      { status: 'connecting', sessionId: 's' },
      { type: 'offline' },
      { status: 'offline', sessionId: 's' },
    ],
    ['stays signed out without a network', ended, { type: 'offline' }, ended],
    ['stays in error without a network', failed, { type: 'offline' }, failed],
    ['is signed out with a reason', active, { type: 'signed_out', reason: 'idle_timeout' }, ended],
    ['is signed out without one', active, { type: 'signed_out' }, signedOut],
    ['is in error with a reason', active, { type: 'error', reason: 'invalid_request' }, failed],
  ];
  for (const [name, from, happening, to] of table) {
    it(name, () => expect(nextState(from, happening)).to.deep.equal(to));
  }
  it('returns the same object when nothing changed, and frozen ones when something did', () => {
    expect(nextState(offline, { type: 'offline' })).to.equal(offline);
    expect(nextState(active, { type: 'offline' })).to.be.frozen;
  });
  it('keeps the user until a logout or another session', () => {
    const happenings = fc.constantFrom<SessionAction>(
      { type: 'connecting', sessionId: 's', generation: 3 },
      { type: 'offline' },
      { type: 'refreshing' },
      { type: 'refreshed' },
      { type: 'advanced', sessionId: 's', generation: 7 },
      { type: 'error', reason: 'proof_invalid' },
      authenticated,
    );
    fc.assert(
      fc.property(fc.array(happenings), (list) => {
        const state = list.reduce(nextState, active);
        expect(state.user).to.equal(user);
        expect(isSignedIn(state)).to.equal(true);
      }),
    );
  });
});
