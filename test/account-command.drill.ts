import { expect } from 'chai';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { command, type SignedInUser, signUp } from './admin/signed-in-user.ts';

describe('the commands user and tenant', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let user: SignedInUser;
  before(async () => {
    cluster = await createCluster({ LATCHKEY_SMTP_URL: 'smtp://127.0.0.1:9', LATCHKEY_MAIL_FROM: 'id@example.test' });
    const { url } = await cluster.start();
    user = await signUp(url, 'ann@example.test');
  });
  after(async () => {
    user?.client.close();
    await cluster?.stop();
  });

  const run = (...words: string[]) => command(cluster.env, ...words);

  it('sign out a user of a running node who is disabled', async () => {
    const { code, log } = await run('user', 'disable', user.email);
    expect(code, log).to.equal(0);
    expect(log).to.match(/^disabled_at\t\d{4}-/m);
    expect(await user.socket.next('logged_out')).to.deep.include({ reason: 'user_disabled' });
  });

  it('print tables, or JSON with --json', async () => {
    expect((await run('tenant', 'create', 'shop', 'Shop', '--registration', 'open')).code).to.equal(0);
    expect((await run('user', 'create', 'bob@example.test', '--tenant', 'shop', '--name', 'Bob')).code).to.equal(0);
    const plain = await run('user', 'list', '--tenant', 'shop');
    expect(plain.log).to.match(/^id\ttenant_id\temail\tname\toperator\tdisabled_at\tcreated_at$/m);
    expect(plain.log).to.match(/\tshop\tbob@example\.test\tBob\tfalse\t-\t/);
    const json = await run('user', 'list', '--search', 'ob@exam', '--json');
    expect(JSON.parse(json.log)).to.have.length(1);
    const sent = await run('user', 'send-reset', 'bob@example.test', '--tenant', 'shop', '--json');
    expect(JSON.parse(sent.log)).to.deep.equal({ expires_in: 1_800 });
  });

  it('exit with 1 and a sentence when something is refused, and with 2 for an unknown command', async () => {
    const refused = await run('tenant', 'delete', 'shop', '--yes');
    expect(refused).to.include({ code: 1 });
    expect(refused.log.trim()).to.equal('Disable this tenant first.');
    expect(await run('user', 'show', 'anonymous@example.test')).to.include({ code: 1 });
    expect((await run('users')).code).to.equal(2);
  });
});
