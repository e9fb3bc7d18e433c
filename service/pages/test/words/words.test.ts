import { Failure, fail } from '@latchkey/contract';
import { expect } from 'chai';
import { toFormErrors } from '../../src/components/form-errors.ts';
import { limitLabels, sessionsEndedMessage } from '../../src/console/labels.ts';
import { errorMessage } from '../../src/messages.ts';
import { formatAge, formatCount, formatDateTime, formatDuration, formatMinutes } from '../../src/words/formats.ts';
import german, { mailbox, signedIn } from '../../src/words/languages/de.ts';
import { fill, plural, setLanguage, words } from '../../src/words/words.ts';

describe('fill', () => {
  it('replaces nothing in what it filled in', () => {
    expect(fill('{a} and {b}', { a: '{b}', b: 'two' })).to.equal('{b} and two');
  });
});

describe('a page in German', () => {
  before(() => setLanguage({ language: 'de', locale: 'de-AT', words: { ...german, ...mailbox, ...signedIn } }));

  it('formats durations, times and numbers by its locale', () => {
    expect(formatDuration(1_000)).to.equal('1 Sekunde');
    expect(formatMinutes(2_880)).to.equal('2 Tage');
    expect(formatCount(1_200_000)).to.match(/^1.200.000$/);
    expect(formatDateTime(new Date(2026, 2, 1, 14, 5).toISOString())).to.equal('01.03.2026, 14:05');
    expect(formatAge('2026-02-27T11:00:00Z', Date.parse('2026-03-01T12:00:00Z'))).to.equal('vor 2 Tagen');
  });

  it('uses the forms of a count', () => {
    expect([0, 1, 1_200].map(sessionsEndedMessage)).to.deep.equal([
      'Es gab keine Sitzung.',
      'Eine Sitzung wurde beendet.',
      `${formatCount(1_200)} Sitzungen wurden beendet.`,
    ]);
    expect(plural(words().mailbox.count, 2)).to.equal('2 Mails, die neuesten zuerst.');
    const limits = { max_active_minutes: 60, active_minutes: 60, max_idle_minutes: null, idle_minutes: null };
    expect(limitLabels(limits)[0]).to.equal('Höchstdauer der Sitzungen: 1 Stunde (für diesen Mandanten gesetzt)');
  });

  it('says the words of a code where the service said more in English', () => {
    expect(errorMessage(fail('forbidden', { message: 'This is the last operator.' }))).to.equal(
      german.errors.forbidden,
    );
    expect(errorMessage(new Failure('rate_limited', { retryAfterMs: 30_000 }))).to.equal(
      'Zu viele Versuche. Warten Sie vor dem nächsten. Nächster Versuch in 30 Sekunden.',
    );
    const details = [{ path: 'email', message: 'Not an address.' }];
    expect(toFormErrors(fail('invalid_request', { details }), { fieldOfPath: { email: 'email' } })).to.deep.equal({
      byField: { email: german.invalidValue },
    });
  });
});
