import { expect } from 'chai';
import { startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { expectPresentable } from './pages/look.ts';
import { openSite, type Site } from './pages/site.ts';

const keyPattern = /\/dev\/mailbox#key=(\S+)/;

describe('the mailbox of a service in development', function () {
  this.timeout(90_000);
  let site: Site;
  let key: string;

  before(async () => {
    site = await openSite();
    await waitFor(() => keyPattern.test(site.log()));
    [, key = ''] = keyPattern.exec(site.log())!;
  });
  after(() => site.close());

  it('gets the mail that the command sends, for the key that the start printed', async () => {
    const command = await startService({
      args: ['mail', 'test', 'ann@example.org'],
      env: { LATCHKEY_DATA_DIR: site.dataFolder },
    });
    expect(await command.exited(), command.log()).to.equal(0);
    const answer = await fetch(`${site.url}/dev/mailbox/mails`, { headers: { authorization: `Bearer ${key}` } });
    const { mails } = (await answer.json()) as { mails: { to: string; subject: string }[] };
    expect(mails.map(({ to, subject }) => [to, subject])).to.deep.equal([
      ['ann@example.org', 'Test mail from 127.0.0.1'],
    ]);
  });

  it('shows the mails on its page, with links to follow, and hides the key', async () => {
    const visitor = await site.visit({ viewport: { width: 360, height: 740 } });
    const tab = await visitor.open(`/dev/mailbox#key=${key}`);
    await tab.at('state').filter({ hasText: 'One mail.' }).waitFor();
    expect(new URL(tab.page.url()).hash).to.equal('');
    const form = await visitor.open('/signup');
    await form.signUp('ann@example.org', 'violet anchor rain');
    await form.live();
    await form.at('verify-email').click();
    await form.at('mail-sent').waitFor();
    await waitFor(async () => {
      await tab.at('reload').click();
      return (await tab.at('mail').count()) === 2;
    });
    expect(await tab.text('state')).to.equal('2 mails, the newest first.');
    await expectPresentable('mailbox', tab);
    await tab.at('mail').first().locator('a').first().click();
    await tab.page.waitForURL(/\/verify/);
    expect(visitor.complaints()).to.deep.equal([]);
  });

  it('asks for the link without the key, in the language of the browser', async () => {
    const tab = await (await site.visit({ locale: 'de-AT' })).open('/dev/mailbox');
    await tab
      .at('state')
      .filter({ hasText: 'Öffnen Sie den Link, den der Dienst beim Start ausgegeben hat.' })
      .waitFor();
    expect(await tab.page.title()).to.equal('Postfach für die Entwicklung · Latchkey');
    expect(await tab.page.evaluate(() => document.documentElement.lang)).to.equal('de');
    await expectPresentable('mailbox', tab);
  });
});
