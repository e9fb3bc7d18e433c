import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { expect } from 'chai';
import { describeDatabaseError } from '../../src/cli/database-start-error.ts';

const errorOf = (code: string, message = 'of hunter2') => Object.assign(new Error(message), { code });

describe('describeDatabaseError', () => {
  const known: [Error, RegExp][] = [
    [errorOf('28P01'), /refuses the user or the password \(28P01\)/],
    [errorOf('3D000'), /no database of that name/],
    [errorOf('ECONNREFUSED'), /nothing listens/],
    [errorOf('ENOTFOUND'), /host name is not known/],
    [errorOf('DEPTH_ZERO_SELF_SIGNED_CERT'), /certificate/],
    [errorOf('25006'), /takes no writes/],
    [new Error('The server does not support SSL connections'), /does not offer TLS/],
    [new Error('timeout exceeded when trying to connect'), /does not answer/],
    [new Error('around it', { cause: errorOf('ECONNREFUSED') }), /nothing listens/],
  ];
  for (const [error, sentence] of known)
    it(`returns one sentence: ${sentence.source}`, () => {
      expect(describeDatabaseError(error))
        .to.match(sentence)
        .and.match(/^DATABASE_URL: [^\n]*\.$/)
        .and.not.contain('hunter2');
    });

  it('returns undefined for other errors', () => {
    for (const error of [new Error('x'), new TypeError('y'), errorOf('42601'), 'text', undefined])
      expect(describeDatabaseError(error)).to.equal(undefined);
  });

  it('does not report a missing file as a missing database', async () => {
    const error = await readFile('/no/such/file').catch((caught: unknown) => caught);
    expect(describeDatabaseError(error)).to.equal(undefined);
  });

  it('names a Unix socket that nothing listens on', async () => {
    const [error] = await once(connect('/no/such/socket'), 'error');
    expect(describeDatabaseError(error)).to.match(/nothing listens at its address \(ENOENT\)/);
  });
});
