import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { toErrorMessage } from '../../src/cli/error-message.ts';
import { onEachStage, runCommand } from './stage.ts';

const advice = 'No mail can be sent: set LATCHKEY_SMTP_URL and LATCHKEY_MAIL_FROM, or the hook sendMail';

onEachStage('a command that mails without a mail server', (stage, database) => {
  /** On PostgreSQL. An embedded database is that of a node, whose mail server is used. */
  const run = (publicUrl: string, ...words: string[]) => {
    const { LATCHKEY_SMTP_URL: _, ...env } = stage().env;
    return runCommand({ ...env, LATCHKEY_PUBLIC_URL: publicUrl }, ...words);
  };
  beforeEach(async () => {
    await stage().run('user', 'create', 'ann@example.org');
  });

  it('leaves the mail to the mailbox of a node in development', async () => {
    const url = 'http://localhost:4000';
    expect(await run(url, 'user', 'send-reset', 'ann@example.org')).to.include({ code: 0, err: '' });
    expect(await run(url, 'invitation', 'create', 'bob@example.org')).to.include({ code: 0, err: '' });
    const mails = await database().db.selectFrom('mails').select('template').orderBy('template').execute();
    expect(mails.map(({ template }) => template)).to.deep.equal(['invitation', 'reset_password']);
  });

  it('names the settings elsewhere, and the option that needs no mail', async function () {
    if (database().pool === undefined) this.skip();
    const url = 'https://id.example';
    const reset = await run(url, 'user', 'send-reset', 'ann@example.org');
    expect({ ...reset, err: reset.err.slice(0, advice.length) }).to.deep.equal({ code: 1, out: '', err: advice });
    expect((await run(url, 'tenant', 'set', 'default', '--email-sign-in', 'on')).err).to.contain(advice);
    const { code, err } = await run(url, 'invitation', 'create', 'bob@example.org');
    expect({ code, err }).to.deep.equal({
      code: 1,
      err: `${advice} (docs/run/mail.md). Or add --link, which prints the link for you to send.\n`,
    });
    expect(await run(url, 'invitation', 'create', 'bob@example.org', '--link')).to.include({ code: 0, err: '' });
  });
});

describe('the sentence of mail that cannot be sent', () => {
  it('is what has to be set', () => {
    expect(toErrorMessage(fail('mail_unavailable', { detail: 'no mail can be sent: set LATCHKEY_SMTP_URL' }))).to.equal(
      'No mail can be sent: set LATCHKEY_SMTP_URL.',
    );
  });
});
