import { expect } from 'chai';
import { startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

describe('the mailbox of a service in development', function () {
  this.timeout(90_000);

  it('gets the mail that the command sends, for the key that the start printed', async () => {
    const service = await startService();
    await service.ready();
    await waitFor(() => /\/dev\/mailbox#key=\S+/.test(service.log()));
    const [, key] = /\/dev\/mailbox#key=(\S+)/.exec(service.log())!;
    const command = await startService({
      args: ['mail', 'test', 'ann@example.org'],
      env: { LATCHKEY_DATA_DIR: service.dataFolder },
    });
    expect(await command.exited(), command.log()).to.equal(0);
    const answer = await fetch(`${service.url}/dev/mailbox/mails`, { headers: { authorization: `Bearer ${key}` } });
    const { mails } = (await answer.json()) as { mails: { to: string; subject: string }[] };
    expect(mails.map(({ to, subject }) => [to, subject])).to.deep.equal([
      ['ann@example.org', 'Test mail from 127.0.0.1'],
    ]);
    await service.stop();
  });
});
