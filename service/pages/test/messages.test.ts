import { endReasons, errorCodes, errors, Failure, fail } from '@latchkey/contract';
import { expect } from 'chai';
import * as fc from 'fast-check';
import { endMessage, errorMessage, insecureContextWarning } from '../src/messages.ts';
import { formatAge, formatDateTime, formatDuration, formatTimestamp } from '../src/words/formats.ts';
import { useEnglish } from './english.ts';

useEnglish();

describe('endMessage', () => {
  it('has a different message for each reason, and never shows a code', () => {
    const said = endReasons.map((reason) => endMessage(reason));
    for (const sentence of said) expect(sentence).to.match(/^[A-Z][^_]+\.$/);
    expect(said).not.to.include('Your session has ended.');
    expect(endMessage('logout')).to.equal('You signed out in another tab.');
    expect(endMessage('ended_by_user')).to.equal('Your session was ended from another device.');
  });

  it('uses the error table for other codes', () => {
    for (const code of errorCodes) expect(endMessage(code)).to.match(/^[A-Z][^_]+\.$/);
    expect(endMessage('user_disabled')).to.equal(errors.user_disabled.message);
  });
});

describe('insecureContextWarning', () => {
  it('warns of plain http only', () => {
    expect(insecureContextWarning({ isSecureContext: false })).to.match(/^This page uses plain http: .* password/);
    expect(insecureContextWarning({ isSecureContext: true })).to.equal(undefined);
  });
});

describe('errorMessage', () => {
  it('is the message of the code', () => {
    expect(errorMessage(fail('invalid_credentials'))).to.equal(errors.invalid_credentials.message);
  });

  it('is the message of the code when the failure has none of its own', () => {
    expect(errorMessage(new Failure('unavailable'))).to.equal(errors.unavailable.message);
    expect(errorMessage(new Failure('weak_password', { message: 'Longer.' }))).to.equal('Longer.');
  });

  it('names the time to wait when the service does', () => {
    const sentence = errorMessage(fail('rate_limited', { retryAfterMs: 29_100 }));
    expect(sentence).to.equal('Too many attempts. Wait before the next one. Try again in 30 seconds.');
    expect(errorMessage(fail('rate_limited'))).to.equal('Too many attempts. Wait before the next one.');
  });

  it('does not show the text of an unexpected error', () => {
    expect(errorMessage(new Error('eyJhbGciOi'))).not.to.include('eyJ');
  });
});

describe('formatDuration', () => {
  const cases: [number, string][] = [
    [0, '1 second'],
    [1_000, '1 second'],
    [1_001, '2 seconds'],
    [119_000, '119 seconds'],
    [120_000, '2 minutes'],
    [121_000, '3 minutes'],
  ];
  for (const [ms, text] of cases) it(`formats ${ms} ms as ${text}`, () => expect(formatDuration(ms)).to.equal(text));
});

describe('formatDateTime, formatTimestamp', () => {
  it('format hours from 0 to 23', () => {
    const at = (hour: number) => new Date(2026, 2, 1, hour, 5, 9).toISOString();
    expect([0, 12, 14].map((hour) => formatDateTime(at(hour)))).to.deep.equal([
      'Mar 1, 2026, 00:05',
      'Mar 1, 2026, 12:05',
      'Mar 1, 2026, 14:05',
    ]);
    expect(formatTimestamp(at(14))).to.equal('Mar 1, 2026, 14:05:09');
  });
});

describe('formatAge', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const cases: [string, string][] = [
    ['2026-03-01T12:00:09Z', 'just now'],
    ['2026-03-01T11:59:01Z', 'just now'],
    ['2026-03-01T11:59:00Z', '1 minute ago'],
    ['2026-03-01T10:00:01Z', '1 hour ago'],
    ['2026-02-27T11:00:00Z', '2 days ago'],
  ];
  for (const [iso, text] of cases) it(`formats ${iso} as ${text}`, () => expect(formatAge(iso, now)).to.equal(text));

  it('shows the time itself when the current time is unknown', () => {
    expect(formatAge('2026-03-01T12:00:00Z', Number.NaN)).to.include('2026');
  });

  it('never decreases', () => {
    const seconds = (text: string) => {
      const [, count = '0', unit = ''] = /^(\d+) (\w+?)s? ago$/.exec(text) ?? [];
      return Number(count) * ({ minute: 60, hour: 3_600, day: 86_400 }[unit] ?? 0);
    };
    const age = fc.integer({ min: -100, max: 10_000_000 });
    fc.assert(
      fc.property(age, age, (a, b) => {
        const at = (elapsed: number) => seconds(formatAge(new Date(now - elapsed * 1000).toISOString(), now));
        expect(at(Math.min(a, b))).to.be.at.most(at(Math.max(a, b)));
      }),
    );
  });
});
