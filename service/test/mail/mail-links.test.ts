import { expect } from 'chai';
import { readEmbedOptions } from '../../src/embed/embed-options.ts';
import { createMailLinks, linkPurposes, ownLinkTargets } from '../../src/mail/mail-links.ts';

const publicUrl = 'https://id.example';
const appUrls = ['https://app.example/reset?lang=de', 'exampleapp://verify'];

describe('createMailLinks', () => {
  const own = createMailLinks(ownLinkTargets({ publicUrl }));

  it('makes links to the pages of the service, with the secret in the fragment', () => {
    expect([
      own.make('verify_email', 's-1_'),
      own.make('reset_password', 's'),
      own.make('sign_in', 's'),
      own.make('change_email', 's'),
      own.make('undo_email_change', 's'),
      own.make('accept_invitation', 's'),
    ]).deep.equal([
      'https://id.example/verify#secret=s-1_',
      'https://id.example/reset#secret=s',
      'https://id.example/sign-in/email#secret=s',
      'https://id.example/account/email#secret=s',
      'https://id.example/undo#secret=s',
      'https://id.example/invitation#secret=s',
    ]);
    expect(linkPurposes).length(6);
  });

  it('makes links to the pages of an app that are named, and no others', () => {
    const links = createMailLinks({ reset_password: appUrls[0]!, verify_email: appUrls[1]! });
    expect(links.make('reset_password', 's')).equal('https://app.example/reset?lang=de#secret=s');
    expect(links.make('verify_email', 's')).equal('exampleapp://verify#secret=s');
    expect(links.make('sign_in', 's')).equal(undefined);
    expect([links.has(), links.has('verify_email'), links.has('sign_in')]).deep.equal([true, true, false]);
    expect(createMailLinks({}).has()).equal(false);
  });
});

describe('the option links', () => {
  const read = (links: object) => readEmbedOptions('apiServe', { appUrls, links }).links;

  it('takes URLs of appUrls', () => {
    expect(read({ verify_email: appUrls[1] })).deep.equal({ verify_email: appUrls[1] });
    expect(readEmbedOptions('apiServe', {}).links).deep.equal({});
  });

  it('refuses an unknown purpose, and a URL that is not listed', () => {
    expect(() => read({ reset: appUrls[0] })).throw(TypeError, 'links.reset is unknown');
    expect(() => read({ reset_password: 'https://app.example/reset' })).throw(TypeError, 'one of appUrls');
  });
});
