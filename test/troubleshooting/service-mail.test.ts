import { expect } from 'chai';
import { type MailServer, openMailServer } from '../../test-kit/mail-server.ts';
import { type PlantedService, plantService } from './planted-service.ts';

describe('troubleshooting: mail of the service', function () {
  this.timeout(60_000);
  let server: MailServer;
  let service: PlantedService;

  before(async () => {
    server = await openMailServer();
    service = await plantService({
      env: { LATCHKEY_SMTP_URL: server.url, LATCHKEY_MAIL_FROM: 'Bank <no-reply@bank.example>' },
    });
  });
  after(async () => {
    await service.end();
    await server.close();
  });

  /** What the command prints; it asks the running service. */
  const sendTest = () =>
    service.run('mail', 'test', 'ann@example.org').catch((error: { stderr: string; code: number }) => {
      expect(error.code).to.equal(1);
      return error.stderr;
    });

  it('mail_sender_refused: a sender that the mail server does not accept', async () => {
    server.refusal = { at: 'MAIL FROM', reply: 553 };
    expect(await sendTest())
      .to.include('553')
      .and.include('LATCHKEY_MAIL_FROM');
    const { reason } = await service.logged('mail_sender_refused', 'LATCHKEY_MAIL_FROM');
    expect(reason).to.equal('553 5.1.1 at MAIL FROM');
  });

  it('mail_refused: a recipient that the mail server does not know', async () => {
    server.refusal = { at: 'RCPT TO', reply: 550 };
    expect(await sendTest()).to.include('550');
    const line = await service.logged('mail_refused', 'LATCHKEY_MAIL_FROM');
    expect(line.reason).to.equal('550 5.1.1 at RCPT TO');
    expect(JSON.stringify(service.lines)).to.not.include('ann@example.org');
  });

  it('sends as soon as the server accepts', async () => {
    server.refusal = undefined;
    expect(await sendTest()).to.deep.include({ sent_to: 'ann@example.org' });
    expect(server.received.map(({ from, to }) => [from, to])).to.deep.equal([
      ['no-reply@bank.example', ['ann@example.org']],
    ]);
  });

  it('mail_server_failed: a mail server that is down', async () => {
    await server.close();
    expect(await sendTest()).to.include('LATCHKEY_SMTP_URL');
    const { reason } = await service.logged('mail_server_failed', 'LATCHKEY_SMTP_URL');
    expect(reason).to.equal(`connect ECONNREFUSED 127.0.0.1:${new URL(server.url).port}`);
  });
});
