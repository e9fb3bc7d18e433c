import { expect } from 'chai';
import { createConfig, maskedConfig } from '../../src/config/config.ts';
import { parseMailFrom, parseSmtpUrl } from '../../src/config/mail-settings.ts';

const refusal = (env: Record<string, string>) => {
  try {
    createConfig(env);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('parseSmtpUrl', () => {
  it('reads host, port, TLS and credentials', () => {
    const credentials = { user: 'ann@x.org', pass: 'a/b c' };
    expect(parseSmtpUrl('smtps://ann%40x.org:a%2Fb%20c@mail.example')).deep.equal({
      ...{ host: 'mail.example', port: 465, secure: true },
      credentials,
    });
    expect(parseSmtpUrl('smtp://mail.example/')).deep.equal({
      ...{ host: 'mail.example', port: 587, secure: false },
      credentials: undefined,
    });
    expect(parseSmtpUrl('smtp://[::1]:1025')).include({ host: '::1', port: 1_025 });
  });

  for (const wrong of [
    'mail.example:587',
    'https://mail.example',
    'smtp://',
    'smtp://mail.example:99999',
    'smtp://mail.example/inbox',
    'smtp://mail.example?tls=no',
    'smtp://ann@mail.example',
    'smtp://:secret-word@mail.example',
    'smtp://ann:secret-word%@mail.example',
    'smtp://ann:secret-word#1@mail.example',
    'smtp://ma il.example',
  ])
    it(`refuses ${wrong} by the name of the setting, without its password`, () => {
      const said = refusal({ LATCHKEY_SMTP_URL: wrong, LATCHKEY_MAIL_FROM: 'a@x.org' });
      expect(said).match(/^LATCHKEY_SMTP_URL /);
      expect(said).not.contain('secret-word');
    });
});

describe('parseMailFrom', () => {
  it('reads an address, and a name before it', () => {
    expect(parseMailFrom('no-reply@example.org')).deep.equal({ name: '', address: 'no-reply@example.org' });
    expect(parseMailFrom('The Bank, Inc. <no-reply@bücher.example>')).deep.equal({
      name: 'The Bank, Inc.',
      address: 'no-reply@xn--bcher-kva.example',
    });
    expect(parseMailFrom('"Bank" <a@x.org>')).deep.equal({ name: 'Bank', address: 'a@x.org' });
  });

  for (const wrong of [
    'example.org',
    'a@b@example.org',
    'Bank a@x.org',
    'a@x.org, b@x.org',
    '<a@x.org> <b@x.org>',
    'a b@x.org',
    'Bank <>',
    'a@-..org',
    `${'a'.repeat(250)}@x.org`,
  ])
    it(`refuses ${wrong.slice(0, 40)}`, () => {
      expect(refusal({ LATCHKEY_MAIL_FROM: wrong })).match(/^LATCHKEY_MAIL_FROM has to be an address/);
    });

  it('refuses a line break', () => {
    expect(refusal({ LATCHKEY_MAIL_FROM: 'Bank\r\nBcc: b@x.org <a@x.org>' })).contain('control characters');
  });
});

describe('the mail settings', () => {
  const url = 'smtps://ann:secret-word@mail.example';

  it('require a sender for a mail server', () => {
    expect(refusal({ LATCHKEY_SMTP_URL: url })).contain('LATCHKEY_MAIL_FROM is missing');
    expect(refusal({ LATCHKEY_SMTP_URL: url, LATCHKEY_MAIL_FROM: 'a@x.org' })).equal('');
  });

  it('are printed without the password', () => {
    const config = createConfig({ LATCHKEY_SMTP_URL: url, LATCHKEY_MAIL_FROM: 'a@x.org' });
    expect(JSON.stringify(maskedConfig(config))).not.contain('secret-word');
  });
});
