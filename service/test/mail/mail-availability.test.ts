import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import { createMailAvailability } from '../../src/mail/mail-availability.ts';
import { createMailLinks, ownLinkTargets } from '../../src/mail/mail-links.ts';

const own = createMailLinks(ownLinkTargets({ publicUrl: 'https://id.example' }));

function refusal(run: () => void): Failure | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    expect(error).instanceOf(Failure);
    return error as Failure;
  }
}

describe('createMailAvailability', () => {
  it('refuses nothing with a way to send and pages for links', () => {
    const mail = createMailAvailability({ canSend: true, links: own });
    expect([refusal(() => mail.assertAvailable()), refusal(() => mail.assertAvailable('sign_in'))]).deep.equal([
      undefined,
      undefined,
    ]);
  });

  it('refuses without a way to send, to be tried again, and names the setting', () => {
    const failure = refusal(() => createMailAvailability({ canSend: false, links: own }).assertAvailable());
    expect(failure).include({ code: 'mail_unavailable', retryable: true });
    expect(failure?.detail).contain('LATCHKEY_SMTP_URL');
  });

  it('refuses a purpose whose link no page takes', () => {
    const links = createMailLinks({ verify_email: 'https://app.example/verify' });
    const mail = createMailAvailability({ canSend: true, links });
    expect(refusal(() => mail.assertAvailable('verify_email'))).equal(undefined);
    expect(refusal(() => mail.assertAvailable())).equal(undefined);
    expect(refusal(() => mail.assertAvailable('reset_password'))).include({ code: 'mail_unavailable' });
    expect(
      refusal(() => createMailAvailability({ canSend: true, links: createMailLinks({}) }).assertAvailable()),
    ).include({ code: 'mail_unavailable' });
  });
});
