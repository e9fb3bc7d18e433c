import { expect } from 'chai';
import fc from 'fast-check';
import { type Happening, isSignedIn, nextState, type SessionState, signedOut } from '../src/session-state.ts';

const user = { id: 'u', tenant_id: 't' };
const known = { user, sessionId: 's', generation: 3 };
const active: SessionState = { status: 'active', ...known };
const offline: SessionState = { status: 'offline', ...known };
const refreshing: SessionState = { status: 'refreshing', ...known };
const lost: SessionState = { status: 'lost', reason: 'invalid_request', ...known };
const ended: SessionState = { status: 'signed_out', reason: 'idle' };
const authenticated: Happening = { type: 'authenticated', user, sessionId: 's', generation: 4 };

describe('nextState', () => {
  const table: [string, SessionState, Happening, SessionState][] = [
    ['joins for the first time', signedOut, { type: 'joining' }, { status: 'joining' }],
    [
      'keeps whom it knows while it joins the same session',
      offline,
      { type: 'joining', sessionId: 's', generation: 3 },
      { status: 'joining', ...known },
    ],
    [
      'forgets whom it knew when it joins another',
      active,
      { type: 'joining', sessionId: 'x', generation: 1 },
      { status: 'joining', sessionId: 'x', generation: 1 },
    ],
    [
      'drops the reason when it joins',
      ended,
      { type: 'joining', sessionId: 's' },
      { status: 'joining', sessionId: 's' },
    ],
    ['is active once authenticated', { status: 'joining' }, authenticated, { ...active, generation: 4 }],
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
    ['stays offline when a refresh fails', offline, { type: 'refreshed' }, offline],
    ['is offline, not logged out', active, { type: 'offline' }, offline],
    [
      'is offline from joining',
      { status: 'joining', sessionId: 's' },
      { type: 'offline' },
      { status: 'offline', sessionId: 's' },
    ],
    ['stays signed out without a network', ended, { type: 'offline' }, ended],
    ['stays lost without a network', lost, { type: 'offline' }, lost],
    ['is signed out with a reason', active, { type: 'signed_out', reason: 'idle' }, ended],
    ['is signed out without one', active, { type: 'signed_out' }, signedOut],
    ['is lost with a reason', active, { type: 'lost', reason: 'invalid_request' }, lost],
  ];
  for (const [name, from, happening, to] of table) {
    it(name, () => expect(nextState(from, happening)).to.deep.equal(to));
  }
  it('returns the same object when nothing changed, and frozen ones when something did', () => {
    expect(nextState(offline, { type: 'offline' })).to.equal(offline);
    expect(nextState(active, { type: 'offline' })).to.be.frozen;
  });
  it('never forgets a user but by a log-out or another session', () => {
    const happenings = fc.constantFrom<Happening>(
      { type: 'joining', sessionId: 's', generation: 3 },
      { type: 'offline' },
      { type: 'refreshing' },
      { type: 'refreshed' },
      { type: 'advanced', sessionId: 's', generation: 7 },
      { type: 'lost', reason: 'proof_invalid' },
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
