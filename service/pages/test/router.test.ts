import type { SessionState } from '@latchkey/sdk-browser';
import { expect } from 'chai';
import { chooseView, destinationFrom, type ViewName } from '../src/router.ts';

const user = { id: 'u', tenant_id: 't' };

describe('chooseView', () => {
  const cases: [string, string, SessionState, ViewName | undefined, ViewName | undefined][] = [
    ['nothing is known yet', '/', { status: 'connecting' }, undefined, undefined],
    ['a stored session is taken up', '/', { status: 'connecting', sessionId: 's' }, undefined, 'account'],
    ['a stored session, service away', '/signin', { status: 'offline', sessionId: 's' }, undefined, 'account'],
    ['signed in, home', '/', { status: 'active', user }, undefined, 'account'],
    ['signed in, at the form', '/signin', { status: 'active', user }, 'sign-in', 'account'],
    ['offline is not logged out', '/account', { status: 'offline', user, sessionId: 's' }, 'account', 'account'],
    ['stopped, still signed in', '/account', { status: 'error', user }, 'account', 'account'],
    ['signed in, console', '/console', { status: 'active', user }, undefined, 'console'],
    ['a stored session at the console', '/console', { status: 'connecting', sessionId: 's' }, undefined, 'console'],
    ['signed in, demonstration', '/demo', { status: 'active', user }, undefined, 'demo'],
    ['signed out, console', '/console', { status: 'signed_out' }, undefined, 'sign-in'],
    ['signed out, home', '/', { status: 'signed_out' }, undefined, 'sign-in'],
    ['signed out, account', '/account', { status: 'signed_out', reason: 'logout' }, 'account', 'sign-in'],
    ['signed out, sign-up', '/signup', { status: 'signed_out' }, undefined, 'sign-up'],
    ['signed out, unknown address', '/nowhere', { status: 'signed_out' }, undefined, 'sign-in'],
    ['from one form to the other', '/signup', { status: 'signed_out' }, 'sign-in', 'sign-up'],
    ['a sign-in under way keeps its form', '/signin', { status: 'connecting' }, 'sign-in', 'sign-in'],
    ['a sign-up under way, network lost', '/signup', { status: 'offline', sessionId: 's' }, 'sign-up', 'sign-up'],
  ];
  for (const [name, path, state, shown, expected] of cases)
    it(name, () =>
      expect(chooseView(path, state, { destination: destinationFrom(path) ?? 'account', shown })).to.equal(expected),
    );

  it('opens the requested view after the sign-in form', () => {
    const state = { status: 'active', user } as const;
    expect(chooseView('/signin', state, { destination: 'console', shown: 'sign-in' })).to.equal('console');
  });
});
