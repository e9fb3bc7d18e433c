import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type MailData, mailTemplates } from '../../src/domain/mail/mail.ts';
import { oneTimePurposes } from '../../src/domain/one-time-token/one-time-token.ts';
import { type Catalogues, loadCatalogues } from '../../src/mail/catalogue.ts';
import { createMailLinks, ownLinkTargets } from '../../src/mail/mail-links.ts';
import { type MailContent, renderMail, toShownData, UnsendableMailError } from '../../src/mail/render-mail.ts';

const links = createMailLinks(ownLinkTargets({ publicUrl: 'https://id.example' }));
const secret = 'A'.repeat(43);
const full: MailData = {
  secret,
  code: '123456',
  name: 'Ann Example',
  at: '2026-11-29T12:00:00.000Z',
  browser: 'Firefox on Linux',
  email: 'new@example.org',
};

describe('renderMail', () => {
  let catalogues: Catalogues;
  before(async () => {
    catalogues = await loadCatalogues();
  });

  const content: MailContent = {
    ...{ template: 'reset_password', locale: null, tenantId: 'bank', tenantName: 'Bank', isProved: true, data: full },
  };
  const render = (change: Partial<MailContent> = {}) => {
    const mail: MailContent = { ...content, ...change };
    return renderMail(mail, toShownData(mail, links), catalogues);
  };
  const brand: MailContent['brand'] = {
    ...{ name: 'The <Bank>', colour: '#8a1c1c' },
    logo: { hash: 'ab12', type: 'png', width: 960, height: 96 },
  };

  it('has the colour and the logo of the tenant, not larger than their place', () => {
    const mail: MailContent = { ...content, tenantName: 'The <Bank>', brand };
    const { html, text } = renderMail(mail, toShownData(mail, links), catalogues, 'https://id.example');
    const image = '<img src="https://id.example/brand/ab12.png" width="240" height="24" alt="The &lt;Bank&gt;">';
    expect(html).contain(image).and.contain('background:#8a1c1c');
    expect(text).not.contain('/brand/');
  });

  it('has no logo where none can be loaded over https', () => {
    const { html } = render({ brand });
    expect(html).contain('background:#8a1c1c').and.not.contain('<img');
  });

  const whole = (change: Partial<MailContent> = {}) => Object.values(render(change)).join('\n');

  it('has the link and the code in text and HTML, and says how long they work', () => {
    const { subject, text, html } = render();
    expect(subject).equal('Choose a new password for Bank');
    for (const body of [text, html]) {
      expect(body).contain(`https://id.example/reset#secret=${secret}`);
      expect(body).contain('123456').and.contain('30 minutes').and.contain('Hello Ann Example,');
    }
    expect(html).contain('<html lang="en">').and.not.contain('<script').and.not.contain('<img');
  });

  it('gives each template its own link, or none', () => {
    const unlinked = [
      'sign_up_taken',
      'email_replaced',
      'email_restored',
      'password_changed',
      'token_theft',
      'new_sign_in',
      'test',
    ] as const;
    const linked = mailTemplates
      .filter((template) => !unlinked.some((one) => one === template))
      .map((template) => [template, /https:\/\/id\.example(\S*)#/.exec(render({ template }).text)?.[1]]);
    expect(linked).deep.equal([
      ['verify_email', '/verify'],
      ['reset_password', '/reset'],
      ['sign_in', '/sign-in/email'],
      ['change_email', '/account/email'],
      ['email_changed', '/undo'],
      ['invitation', '/invitation'],
    ]);
    for (const template of unlinked) expect(() => render({ template })).throw(UnsendableMailError);
  });

  it('has no word of its caller in a mail to an address that is not proved', () => {
    for (const template of mailTemplates) {
      const { secret: _, ...data } = full;
      const mail = whole({ template, data, isProved: false });
      for (const word of ['Ann', 'new@example.org', 'Firefox']) expect(mail, template).not.contain(word);
      expect(mail).contain('Hello,');
    }
  });

  it('states when and where something happened, in the language of the mail', () => {
    const data = { at: full.at, browser: full.browser };
    expect(render({ template: 'new_sign_in', data }).text).contain(
      'Time: November 29, 2026 at 12:00 PM UTC\nBrowser: Firefox on Linux',
    );
    expect(render({ template: 'new_sign_in', data, locale: 'de' }).text).contain(
      'Zeit: 29. November 2026 um 12:00 UTC',
    );
  });

  const nasty = [
    '<b>Ann</b>',
    'Ann\r\nBcc: eve@evil.example\r\n\r\nHi',
    'https://evil.example/x',
    'x'.repeat(300),
    '{tenant}{name}',
    '\u202eevil',
    '"><a href=x>',
  ];

  for (const text of nasty)
    it(`escapes and shortens ${JSON.stringify(text).slice(0, 30)} as a name and as a tenant`, () => {
      const { subject, html, text: plain } = render({ tenantName: text, data: { ...full, name: text } });
      expect(subject).not.match(/[\r\n\u202e]/);
      expect(subject.length).below(160);
      expect(html).not.contain('<b>').and.not.contain('x'.repeat(101)).and.not.contain('\u202e');
      expect(html.match(/<a /g)).length(1);
      expect(html).contain(`href="https://id.example/reset#secret=${secret}"`);
      for (const line of [...plain.split('\n'), ...html.split('\n')]) expect(line).not.match(/^Bcc:|^Hi$/);
      expect(plain).not.contain('\r');
    });

  it('greets without a name that programs would make a link of', () => {
    for (const name of ['https://evil.example', 'evil.example', 'ann@evil.example', 'a/b', ' \u200b '])
      expect(render({ data: { ...full, name } }).text, name).match(/^Hello,\n/);
    for (const name of ['J. R. Smith', 'Ann-Marie O’Neil', '李小龍'])
      expect(render({ data: { ...full, name } }).text).match(new RegExp(`^Hello ${name},\n`));
  });

  it('can never be sent with a link that no page takes', () => {
    const mail: MailContent = {
      ...{ template: 'sign_in', locale: null, tenantId: 'a', tenantName: 'A' },
      isProved: true,
      data: full,
    };
    expect(() => toShownData(mail, createMailLinks({}))).throw(UnsendableMailError);
  });

  it('names each life of a token', () => {
    for (const [template, validity] of [
      ['verify_email', '24 Stunden'],
      ['sign_in', '10 Minuten'],
      ['change_email', '60 Minuten'],
      ['email_changed', '3 Tage'],
      ['invitation', '7 Tage'],
    ] as const)
      expect(render({ template, locale: 'de-AT' }).text, template).contain(validity);
    expect(Object.keys(oneTimePurposes)).length(6);
  });

  it('takes English for a language without a catalogue', () => {
    expect(render({ locale: 'xx' }).subject).equal(render().subject);
    expect(render({ locale: 'DE-de' }).subject).contain('Passwort');
  });
});

describe('catalogues', () => {
  const shapeOf = (value: unknown): unknown => {
    if (typeof value === 'string') return [...value.matchAll(/\{\w+\}/g)].map(([name]) => name).sort();
    if (Array.isArray(value)) return value.map((one) => [...new Set([shapeOf(one)].flat())]);
    return Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, shapeOf(one)]));
  };
  const textsOf = (value: unknown): string[] =>
    typeof value === 'string' ? [value] : Object.values(value as object).flatMap(textsOf);

  it('are complete: each has the texts and placeholders of English', async () => {
    const catalogues = await loadCatalogues();
    expect([...catalogues.keys()].sort()).deep.equal(['de', 'en']);
    const english = catalogues.get('en')!;
    expect(Object.keys(english.mails)).deep.equal([...mailTemplates]);
    for (const [language, catalogue] of catalogues) {
      expect(shapeOf(catalogue), language).deep.equal(shapeOf(english));
      expect(textsOf(catalogue).filter((text) => text.trim() === '')).deep.equal([]);
      if (language !== 'en') expect(catalogue.mails.test.subject).not.equal(english.mails.test.subject);
    }
  });

  it('gain a language by a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-catalogues-'));
    try {
      const english = await readFile(new URL('../../src/mail/catalogues/en.ts', import.meta.url), 'utf8');
      const code = english.replace(/^import.*$/m, '').replace(/ satisfies Catalogue/, '');
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
      await writeFile(join(folder, 'en.js'), code);
      await writeFile(join(folder, 'fr.js'), code.replace('Test mail from', 'Message d’essai de'));
      await writeFile(join(folder, 'fr.d.ts'), '');
      const catalogues = await loadCatalogues(pathToFileURL(`${folder}/`));
      expect([...catalogues.keys()].sort()).deep.equal(['en', 'fr']);
      const mail: MailContent = {
        ...{ template: 'test', locale: 'fr-CA', tenantId: 'a', tenantName: 'A' },
        isProved: false,
        data: {},
      };
      expect(renderMail(mail, toShownData(mail, links), catalogues).subject).equal('Message d’essai de A');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
