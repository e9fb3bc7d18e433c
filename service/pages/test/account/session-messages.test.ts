import { errors } from '@latchkey/contract';
import { expect } from 'chai';
import { connectionLabel, expiryMessage, otherSessionsEndedMessage } from '../../src/account/session-messages.ts';
import { useEnglish } from '../english.ts';

useEnglish();

describe('connectionLabel', () => {
  it('does not change while the token is refreshed: a live region would speak each time', () => {
    expect(connectionLabel({ status: 'refreshing' })).to.deep.equal(connectionLabel({ status: 'active' }));
  });

  it('distinguishes offline from signed out', () => {
    expect(connectionLabel({ status: 'offline' }).description).to.include('still signed in');
    expect(connectionLabel({ status: 'signed_out' }).label).to.equal('Signed out');
  });

  it('names the reason of an error', () => {
    expect(connectionLabel({ status: 'error', reason: 'proof_invalid' }).description).to.include(
      errors.proof_invalid.message,
    );
  });
});

describe('otherSessionsEndedMessage, expiryMessage', () => {
  it('use singular and plural', () => {
    expect([0, 1, 2].map(otherSessionsEndedMessage)).to.deep.equal([
      'There was no other session to end.',
      'One other session was ended.',
      '2 other sessions were ended.',
    ]);
    expect(expiryMessage(30, 'idle_timeout')).to.include('30 seconds');
    expect(expiryMessage(120, 'expired')).to.include('2 minutes');
  });
});
