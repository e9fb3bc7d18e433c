import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { toFormErrors } from '../../src/components/form-errors.ts';
import { useEnglish } from '../english.ts';

useEnglish();

const options = {
  fieldOfCode: { weak_password: 'password' },
  fieldOfPath: { email: 'email' },
  messages: { reauthentication_required: 'Sign in again, then come back.' },
} as const;

describe('toFormErrors', () => {
  it('returns a code that is about one field for that field', () => {
    const { byField, general } = toFormErrors(fail('weak_password'), options);
    expect(byField).to.deep.equal({ password: 'This password is too short or too common.' });
    expect(general).to.equal(undefined);
  });

  it('returns the messages of the service for their fields', () => {
    const details = [
      { path: 'email', message: 'Not an address.' },
      { path: 'tenant', message: 'Unknown.' },
    ];
    expect(toFormErrors(fail('invalid_request', { details }), options)).to.deep.equal({
      byField: { email: 'Not an address.' },
    });
  });

  it('prefers the message of the service for a field to the message of the code', () => {
    const details = [{ path: 'email', message: 'Too long.' }];
    expect(toFormErrors(fail('weak_password', { details }), options)).to.deep.equal({
      byField: { email: 'Too long.' },
    });
  });

  it('returns any other error for the whole form', () => {
    const details = [{ path: 'tenant', message: 'Unknown.' }];
    expect(toFormErrors(fail('invalid_request', { details }), options).general).to.equal(
      'The request has a wrong shape.',
    );
    expect(toFormErrors(fail('reauthentication_required'), options).general).to.equal('Sign in again, then come back.');
    expect(toFormErrors(new Error('boom'), options).general).to.not.include('boom');
  });
});
