import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeCertificate } from '../../../test-kit/certificate.ts';
import { createConfig } from '../../src/config/config.ts';

describe('the files of DATABASE_URL', () => {
  let folder: string;
  const path = (name: string) => join(folder, name);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-files-'));
    const { certificate, key } = makeCertificate();
    writeFileSync(path('certificate.pem'), certificate);
    writeFileSync(path('authorities.pem'), `# of the provider\n${certificate}${makeCertificate().certificate}`);
    writeFileSync(path('key.pem'), key);
    writeFileSync(path('other-key.pem'), makeCertificate().key);
    writeFileSync(path('text.pem'), 'not found');
  });
  after(() => rmSync(folder, { recursive: true }));

  const mistakeOf = (query: string) => {
    try {
      createConfig({ DATABASE_URL: `postgres://ann:hunter2@db/app?${query}` }, { databaseOnly: true });
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };

  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) {
    it(`are named with ${name} when they are missing or unreadable`, () => {
      expect(mistakeOf(`sslmode=verify-full&${name}=${path('absent.pem')}`)).equal(
        `DATABASE_URL names a file that cannot be read: ${name}=${path('absent.pem')} (ENOENT).`,
      );
      expect(mistakeOf(`${name}=${folder}`)).equal(
        `DATABASE_URL names a file that cannot be read: ${name}=${folder} (EISDIR).`,
      );
    });

    it(`are named with ${name} when they hold something else`, () => {
      const what = name === 'sslkey' ? 'no private key in PEM, or one with a passphrase' : 'no certificate in PEM';
      expect(mistakeOf(`${name}=${encodeURIComponent(path('text.pem'))}`)).equal(
        `DATABASE_URL names a file that holds ${what}: ${name}=${path('text.pem')}.`,
      );
    });
  }

  it('are named together when the key is another one', () => {
    expect(mistakeOf(`sslcert=${path('certificate.pem')}&sslkey=${path('other-key.pem')}`)).equal(
      'DATABASE_URL names a private key that is not the one of the certificate: sslkey and sslcert.',
    );
  });

  it('are taken when they can be used', () => {
    const all = `sslrootcert=${path('authorities.pem')}&sslcert=${path('certificate.pem')}&sslkey=${path('key.pem')}`;
    expect(mistakeOf(all)).equal(undefined);
    expect(mistakeOf('sslmode=verify-full&sslrootcert=')).equal(undefined);
  });
});
